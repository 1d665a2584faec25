package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class MainTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path dir;

    private int run(String... args) {
        return run(Map.of(), args);
    }

    private int run(Map<String, String> environment, String... args) {
        return new Main(
                        environment,
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        (_, _) -> List.of())
                .run(args);
    }

    @Test
    void itTellsItsVersion() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString(UTF_8)).matches("hawsed \\d+\\.\\d+\\.\\d+.*\n");
    }

    @Test
    void itTellsHowItIsUsed() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(UTF_8)).contains("--listen", "--print-config", "Exit status");
    }

    @Test
    void itPrintsWhatIsSetAndWhere() {
        assertThat(run(Map.of("HAWSE_LOG_FORMAT", "json"), "--print-config", "--listen=/srv/h.sock", "--namespace=a"))
                .isZero();
        assertThat(out.toString(UTF_8))
                .contains("[listen]\naddress = \"unix:/srv/h.sock\" # from --listen\n")
                .contains("namespace = \"a\" # from --namespace\n")
                .contains("format = \"json\" # from HAWSE_LOG_FORMAT\n");
    }

    @Test
    void manySettingsMayBeGiven() {
        assertThat(run("--print-config", "--set", "log.level=warn", "--set=log.format=json", "--set", "log.level=info"))
                .isZero();
        assertThat(out.toString(UTF_8))
                .contains("format = \"json\" # from --set log.format\n")
                .contains("level = \"info\" # from --set log.level\n");
    }

    @Test
    void aSettingThatIsGivenLaterCounts() {
        assertThat(run("--print-config", "--listen", "/srv/h.sock", "--set", "listen.address=/srv/i.sock"))
                .isZero();
        assertThat(out.toString(UTF_8)).contains("address = \"unix:/srv/i.sock\" # from --set listen.address\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--lisen=x | --lis",
                "extra | extra",
                "--listen | --listen",
                "--namespace=a --namespace=b | --namespace",
                "--set=x | must be KEY=VALUE",
                "--set=x.y=1 | there is no key x.y",
                "--log-level=loud | log.level: must be one of error, warn, info, debug, trace",
                "--config=/none | there is no such file"
            })
    void whatMakesNoSenseIsToldInOneLine(String args, String message) {
        assertThat(run(args.split(" "))).isEqualTo(2);
        assertThat(err.toString(UTF_8)).startsWith("hawsed: ").contains(message).hasLineCount(1);
        assertThat(out.size()).isZero();
    }

    @Test
    void whatKeepsItFromStartingIsToldInOneLine() throws IOException {
        Files.writeString(dir.resolve("state"), "");

        assertThat(run("--state-dir", dir.resolve("state").toString())).isEqualTo(1);
        assertThat(err.toString(UTF_8).lines().filter(line -> line.startsWith("hawsed: paths.state: ")))
                .hasSize(1);
        assertThat(err.toString(UTF_8)).hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({"TERM,human", "INT,json"})
    void aSignalEndsItWithZero(String signal, String format) throws Exception {
        var socket = dir.resolve("run/h.sock");
        // A shell that runs the tests in the background has INT ignored, and what it starts inherits that.
        var command = new ArrayList<>(List.of(
                "env",
                "--default-signal=" + signal,
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.hawse.server.Main"));
        command.addAll(List.of(
                "--listen=" + socket,
                "--containerd-address=" + dir.resolve("no.sock"),
                "--state-dir=" + dir.resolve("state"),
                "--run-dir=" + dir.resolve("run"),
                "--log-format=" + format));
        var log = dir.resolve("log");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(socket) || !process.isAlive());
            assertThat(log).content().doesNotContain("Exception");
            assertThat(process.isAlive()).isTrue();

            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(socket).doesNotExist();
            assertThat(Files.readString(log)).contains("serves at unix:" + socket, "ended");
            if (format.equals("json")) {
                assertThat(Files.readAllLines(log)).allMatch(line -> line.startsWith("{\"time\":\"2"));
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
