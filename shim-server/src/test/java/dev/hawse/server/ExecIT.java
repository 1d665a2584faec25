package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.DrainState;
import dev.hawse.client.ExecResult;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseClient;
import dev.hawse.client.RunOptions;
import dev.hawse.client.SpawnFailureKind;
import dev.hawse.client.TerminalSize;
import dev.hawse.testing.ContainerdFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Commands, through client, socket, server and containerd. */
@Timeout(60)
final class ExecIT {

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    private static ExecResult sh(String container, String script) {
        return SERVER.client().run(container, "sh", "-c", script);
    }

    private static ExecSession exec(String container, ExecSpec.Builder spec) {
        return SERVER.client().exec(container, spec.build());
    }

    private static ExecSpec.Builder script(String script) {
        return ExecSpec.builder("sh", "-c", script);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** Reads until the output ends with this, and answers all that was read. */
    private static String readUntil(ExecSession session, String end) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            var b = session.stdout().read();
            assertThat(b).as("end of output; so far: %s", text).isNotNegative();
            text.append((char) b);
        }
        return text.toString();
    }

    @Test
    void aCommandMayBeQuietForLongerThanAnyOfItsClientsCallsMayTake() {
        var box = SERVER.idle();
        try (var impatient = HawseClient.builder()
                .address(SERVER.address())
                .deadline(Duration.ofSeconds(1))
                .build()) {
            assertThat(impatient.run(box, "sh", "-c", "sleep 3; echo done").stdoutUtf8())
                    .isEqualTo("done\n");
        }
    }

    @Test
    void outputsAreSeparateAndTheCodeIsTrue() {
        var result = sh(SERVER.idle(), "echo out; echo err >&2; exit 7");
        assertThat(result.stdoutUtf8()).isEqualTo("out\n");
        assertThat(result.stderrUtf8()).isEqualTo("err\n");
        assertThat(result.status()).isEqualTo(new ExitStatus.Code(7));
        assertThat(result.exit().drain()).isEqualTo(DrainState.COMPLETE);
        assertThat(result.exit().stdoutBytes()).isEqualTo(4);
        assertThat(result.exit().exitedAt()).isNotNull();
    }

    @Test
    void everyExitCodeComesThrough() {
        var box = SERVER.idle();
        var codes = IntStream.of(0, 1, 2, 42, 125, 126, 127, 128, 129, 137, 143, 254, 255)
                .parallel()
                .boxed()
                .collect(Collectors.toMap(c -> c, c -> sh(box, "exit " + c).status()));
        codes.forEach((code, status) -> assertThat(status).isEqualTo(new ExitStatus.Code(code)));
    }

    @Test
    void halfCloseEndsTheInputAndOutputGoesOn() throws IOException {
        try (var session = exec(SERVER.idle(), script("cat; echo done").stdin())) {
            session.stdin().write(bytes("hello "));
            session.stdin().close();
            assertThat(session.stdout().readAllBytes()).isEqualTo(bytes("hello done\n"));
            assertThat(session.awaitExit().success()).isTrue();
        }
    }

    @Test
    void everyByteValueSurvivesBothWays() {
        var all = new byte[256];
        for (var i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        var spec = ExecSpec.builder("cat").stdin().build();
        var result = SERVER.client().run(SERVER.idle(), spec, RunOptions.DEFAULT.withInput(all));
        assertThat(result.stdout()).isEqualTo(all);
    }

    @Test
    void inputThatWasNotAskedForIsEmpty() {
        var result = sh(SERVER.idle(), "cat; readlink /proc/self/fd/0");
        assertThat(result.stdoutUtf8()).isEqualTo("/dev/null\n");
    }

    @Test
    void environmentFolderAndUserAreAsAsked() {
        var spec = script("echo $FOO; pwd; id -u; id -G; cat; echo $PATH")
                .env(Map.of("FOO", "bär =x"))
                .workingDir("/tmp")
                .user("app");
        var result = SERVER.client().run(SERVER.idle(), spec.build(), RunOptions.DEFAULT);
        assertThat(result.stdoutUtf8().lines().limit(4)).containsExactly("bär =x", "/tmp", "1000", "1000 2000");
        assertThat(result.stdoutUtf8()).contains("/usr/bin");
    }

    @Test
    void whatCannotBeStartedIsAResult() {
        var box = SERVER.idle();
        var missing = SERVER.client().run(box, "no-such-program").status();
        assertThat(missing.shellCode()).isEqualTo(127);
        assertThat(missing)
                .isInstanceOfSatisfying(
                        ExitStatus.SpawnFailed.class, f -> assertThat(f.kind()).isEqualTo(SpawnFailureKind.NOT_FOUND));
        var notExecutable = SERVER.client().run(box, "/etc/passwd").status();
        assertThat(notExecutable.shellCode()).isEqualTo(126);
        assertThat(notExecutable)
                .isInstanceOfSatisfying(
                        ExitStatus.SpawnFailed.class,
                        f -> assertThat(f.kind()).isEqualTo(SpawnFailureKind.NOT_EXECUTABLE));
        var nowhere = ExecSpec.builder("true").workingDir("/nowhere").build();
        assertThat(SERVER.client().run(box, nowhere, RunOptions.DEFAULT).status())
                .isInstanceOf(ExitStatus.SpawnFailed.class);
        try (var session = exec(box, ExecSpec.builder("no-such-program").stdin())) {
            assertThat(session.execId()).isEmpty();
            assertThat(session.pid()).isZero();
            assertThat(session.awaitExit().shellCode()).isEqualTo(127);
        }
    }

    @Test
    void terminalHasItsSizeFromTheFirstByteOn() {
        var spec = script("stty size; tty; echo err >&2; [ -t 2 ] && echo terminal")
                .terminal(new TerminalSize(99, 33))
                .build();
        var result = SERVER.client().run(SERVER.idle(), spec, RunOptions.DEFAULT);
        assertThat(result.stdoutUtf8().lines()).containsExactly("33 99", "/dev/pts/0", "err", "terminal");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void resizeIsToldByASignal() throws IOException {
        var loop = script("trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done")
                .terminal(new TerminalSize(80, 24));
        try (var session = exec(SERVER.idle(), loop)) {
            readUntil(session, "ready");
            session.resize(new TerminalSize(111, 44));
            readUntil(session, "44 111");
        }
    }

    @Test
    void stormOfResizesEndsWithTheNewest() throws IOException {
        var loop = script("while :; do stty size; sleep 0.05; done").stdin().terminal(new TerminalSize(80, 24));
        try (var session = exec(SERVER.idle(), loop)) {
            for (var i = 1; i <= 1000; i++) {
                session.resize(new TerminalSize(100 + i, 50));
            }
            readUntil(session, "50 1100\r\n");
        }
    }

    @Test
    void endOfInputOnATerminalIsControlD() throws IOException {
        try (var session = exec(SERVER.idle(), ExecSpec.builder("cat").stdin().terminal(new TerminalSize(80, 24)))) {
            session.stdin().write(bytes("line\n"));
            readUntil(session, "line\r\nline\r\n");
            session.stdin().close();
            assertThat(session.awaitExit().success()).isTrue();
        }
    }

    @Test
    void controlCharactersSignal() throws IOException {
        try (var session = exec(
                SERVER.idle(), script("echo ready; exec sleep 1000").stdin().terminal(new TerminalSize(80, 24)))) {
            readUntil(session, "ready");
            session.stdin().write(3);
            assertThat(session.awaitExit().shellCode()).isEqualTo(130);
        }
    }

    @Test
    void signalsReachTheCommand() throws IOException {
        var box = SERVER.idle();
        for (var signal :
                Map.of("HUP", 1, "SIGINT", 2, "9", 9, "usr1", 10, "RTMIN+1", 35).entrySet()) {
            try (var session = exec(box, ExecSpec.builder("sleep", "1000"))) {
                session.signal(signal.getKey());
                assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Signal(signal.getValue()));
            }
        }
        var trap = script("trap 'echo caught; exit 42' TERM; echo ready; while :; do sleep 0.05; done");
        try (var session = exec(box, trap)) {
            readUntil(session, "ready");
            session.signal("TERM");
            readUntil(session, "caught");
            assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(42));
        }
    }

    @Test
    void grandchildThatHoldsTheOutputDoesNotHoldTheEnd() {
        var result = sh(SERVER.idle(), "sleep 1000 & echo mine");
        assertThat(result.stdoutUtf8()).isEqualTo("mine\n");
        assertThat(result.exit().drain()).isEqualTo(DrainState.HELD);
        assertThat(result.exit().times().draining()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
    }

    @Test
    void timeoutKillsTheCommand() {
        var box = SERVER.idle();
        var spec =
                ExecSpec.builder("sleep", "777").timeout(Duration.ofMillis(500)).build();
        var exit = SERVER.client().run(box, spec, RunOptions.DEFAULT).exit();
        assertThat(exit.timedOut()).isTrue();
        assertThat(exit.shellCode()).isEqualTo(128 + 15);
        awaitGone(box, "777");
    }

    @Test
    void closedSessionKillsItsCommand() throws IOException {
        var box = SERVER.idle();
        var session = exec(box, script("yes busy").stdin());
        readUntil(session, "busy\n");
        session.close();
        awaitGone(box, "busy");
    }

    @Test
    void closedClientKillsItsCommands() {
        var box = SERVER.idle();
        try (var client = SERVER.newClient()) {
            client.exec(box, ExecSpec.of("sleep", "888"));
            client.exec(box, ExecSpec.of("sleep", "888"));
            // Of a command that has just been started /proc may still show the OCI runtime.
            await().untilAsserted(() ->
                    assertThat(commands(box)).filteredOn(c -> c.contains("888")).hasSize(2));
        }
        awaitGone(box, "888");
    }

    @Test
    void commandEndsWithItsContainer() {
        var box = SERVER.idle();
        try (var session = exec(box, ExecSpec.builder("sleep", "1000"))) {
            SERVER.client().containers().kill(box);
            assertThat(session.awaitExit().shellCode()).isEqualTo(137);
        }
    }

    private static void awaitGone(String box, String word) {
        await().until(() -> commands(box).stream().noneMatch(c -> c.contains(word)));
    }

    private static List<String> commands(String box) {
        return SERVER.client().containers().processes(box).stream()
                .map(p -> String.join(" ", p.args()))
                .toList();
    }
}
