package dev.hawse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.ProcessLost;
import dev.hawse.client.LogRecord;
import dev.hawse.client.OutputKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What containers, images and people call things, and what logs hold, is shown and never obeyed by a terminal. */
@Timeout(30)
class ControlCharactersTest {

    /** A way to make a terminal do something. */
    record Evil(String what, String text) {
        @Override
        public String toString() {
            return "case 77: " + what;
        }
    }

    private FakeHawse server;

    @BeforeEach
    void start() throws Exception {
        server = new FakeHawse();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    static Stream<Evil> evils() {
        return Stream.of(
                new Evil("text for the clipboard (OSC 52)", "\u001b]52;c;cm0gLXJmIC8=\u0007"),
                new Evil("a question that the terminal answers as if typed (DECRQSS)", "\u001bP$qm\u001b\\\\"),
                new Evil("a question for the title that was set before", "\u001b]0;rm -rf /\u0007\u001b[21t"),
                new Evil("control sequences of one 8-bit character", "\u009b2J\u009d0;x\u009c\u0090$qm\u009c"),
                new Evil("a line that overwrites the one before", "ok\r\u001b[2Kevil\b\b"),
                new Evil("a line end and a row of its own", "a\nfake   row\u2028b"),
                new Evil("letters that run backwards", "\u202egnp.exe\u2066\u200f"),
                new Evil("a delete", "a\u007fb"),
                new Evil("half of a character", "a\ufffdb"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("evils")
    void namesLabelsImagesCommandsAndEndsAreShownEscaped(Evil evil) {
        var container = FakeContainers.web()
                .setName(evil.text())
                .setImage(evil.text())
                .setState(ContainerState.CONTAINER_STATE_EXITED)
                .setExit(ExitOutcome.newBuilder()
                        .setLost(ProcessLost.newBuilder().setReason(evil.text())))
                .putLabels(evil.text(), evil.text());
        container.getSpecBuilder().addArgs(evil.text()).setHostname(evil.text());
        server.containers.listed.add(container.build());

        for (var args : List.of(
                List.of("ps", "-a"),
                List.of("ps", "-a", "--no-trunc"),
                List.of("ps", "-aq"),
                List.of("ps", "-a", "--output", "json"),
                List.of("inspect", evil.text()),
                List.of("stop", evil.text()),
                List.of("ps", "--filter", evil.text() + "=x"),
                List.of("ps", "--filter", "status=" + evil.text()),
                List.of("create", "--network", evil.text(), "busybox"),
                List.of("events", "--from", evil.text()),
                List.of(evil.text()))) {
            var result = server.hawse(args.toArray(String[]::new));
            expectFit(result.out() + result.err());
        }
        assertThat(server.hawse("ps", "-a").out()).as("a row stays one").hasLineCount(3);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("evils")
    void logsOnATerminalAreShownEscapedAlsoWhenTheyComeInPieces(Evil evil) throws Exception {
        var bytes = (evil.text() + "\n").getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream();
        var writer = new LogWriter(out, true, true);
        for (byte b : bytes) {
            writer.write(new LogRecord(OutputKind.STDOUT, Instant.EPOCH, ByteBuffer.wrap(new byte[] {b})));
        }
        writer.end();

        expectFit(out.toString(StandardCharsets.UTF_8));
    }

    private static void expectFit(String shown) {
        assertThat(shown.codePoints().filter(c -> c != '\n')).noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.SURROGATE -> true;
            default -> false;
        });
    }
}
