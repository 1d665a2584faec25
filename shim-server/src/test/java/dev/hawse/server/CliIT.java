package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerFilter;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.TestImages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The program {@code hawse} as a process of its own, against the whole server on a real containerd. */
@Timeout(120)
final class CliIT {

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    @TempDir
    private Path dir;

    private record Result(int code, String out, String err) {}

    /** The program as it was built, if it was; else from the classes that this test runs with. */
    private static List<String> program() {
        var script = Path.of("../scripts/hawse").toAbsolutePath().normalize();
        if (Files.isDirectory(Path.of("../shim-client/cli/target/lib")) && Files.isExecutable(script)) {
            return List.of(script.toString());
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.hawse.cli.Main");
    }

    private static Process start(String... args) throws IOException {
        var command = new ArrayList<>(program());
        command.addAll(List.of(args));
        var process = new ProcessBuilder(command);
        process.environment().put("HAWSE_ADDRESS", SERVER.address());
        return process.start();
    }

    private static Result hawse(String... args) throws Exception {
        return hawse(new byte[0], args);
    }

    private static Result hawse(byte[] input, String... args) throws Exception {
        var process = start(args);
        var out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
        var err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
        try (var stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException endedWithoutReading) {
            // As programs may.
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), out.get(), err.get());
    }

    private static String text(InputStream from) {
        try (from) {
            return new String(from.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String succeeds(String... args) throws Exception {
        var result = hawse(args);
        assertThat(result.code()).as("%s", result).isZero();
        return result.out();
    }

    @Test
    void runCarriesBytesAndTheExitCode() throws Exception {
        var result = hawse(
                "some input".getBytes(UTF_8),
                "run",
                "--rm",
                "-i",
                "-e",
                "WORD=hello",
                TestImages.BUSYBOX,
                "sh",
                "-c",
                "echo $WORD; cat; echo oops >&2; exit 42");
        assertThat(result).isEqualTo(new Result(42, "hello\nsome input", "oops\n"));
        assertThat(SERVER.client().containers().stream(ContainerFilter.ALL)).isEmpty();
    }

    @Test
    void execCarriesBytesAndTheExitCode() throws Exception {
        SERVER.run(LiveServer.busybox("sleep", "1000").name("box"));
        assertThat(hawse("exec", "box", "sh", "-c", "id -u; exit 7")).isEqualTo(new Result(7, "0\n", ""));
        assertThat(hawse(
                        "some input".getBytes(UTF_8),
                        "exec",
                        "-i",
                        "-u",
                        "app",
                        "-w",
                        "/tmp",
                        "box",
                        "sh",
                        "-c",
                        "id -u; pwd; cat"))
                .isEqualTo(new Result(0, "1000\n/tmp\nsome input", ""));
        assertThat(hawse("exec", "box", "no-such-program").code()).isEqualTo(127);
        assertThat(hawse("exec", "box", "/etc/passwd").code()).isEqualTo(126);
        assertThat(hawse("exec", "box", "sh", "-c", "kill -TERM $$").code()).isEqualTo(143);
        var nowhere = hawse("exec", "nowhere", "true");
        assertThat(nowhere.code()).isEqualTo(125);
        assertThat(nowhere.err()).startsWith("hawse: ").contains("nowhere").hasLineCount(1);
    }

    @Test
    void aContainerLivesItsLife() throws Exception {
        var id = succeeds(
                        "run",
                        "-d",
                        "--name",
                        "box",
                        "-l",
                        "shape=round",
                        TestImages.BUSYBOX,
                        "sh",
                        "-c",
                        "echo to the log; exec sleep 1000")
                .strip();
        SERVER.removeLater(id);
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(succeeds("ps")).contains("box").contains(id.substring(0, 12));
        assertThat(succeeds("ps", "-q", "--no-trunc", "--filter", "label=shape=round")
                        .strip())
                .isEqualTo(id);
        assertThat(succeeds("inspect", "box")).contains(id).contains("\"round\"");
        await().untilAsserted(() -> assertThat(succeeds("logs", "box")).isEqualTo("to the log\n"));
        assertThat(succeeds("top", "box")).contains("sleep 1000");
        succeeds("rename", "box", "crate");
        succeeds("pause", "crate");
        succeeds("unpause", "crate");
        var refused = hawse("rm", "crate");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("running").hasLineCount(1);
        succeeds("kill", "crate");
        assertThat(succeeds("wait", "crate").strip()).isEqualTo("137");
        assertThat(succeeds("ps", "-q")).isBlank();
        assertThat(succeeds("ps", "-a")).contains("crate");
        succeeds("start", "crate");
        succeeds("stop", "-t", "0", "crate");
        succeeds("rm", "crate");
        assertThat(hawse("inspect", "crate").code()).isNotZero();
    }

    @Test
    void imagesGoOutAndIn() throws Exception {
        var archive = dir.resolve("image.tar");
        succeeds("tag", TestImages.BUSYBOX, "copy:1");
        succeeds("save", "-o", archive.toString(), "copy:1");
        succeeds("rmi", "copy:1");
        assertThat(succeeds("images")).doesNotContain("copy");
        assertThat(succeeds("load", "-i", archive.toString())).contains("copy:1");
        assertThat(succeeds("images")).contains("copy");
        succeeds("rmi", "copy:1");
        var loaded = hawse(Files.readAllBytes(archive), "load");
        assertThat(loaded.code()).as("%s", loaded).isZero();
        succeeds("rmi", "copy:1");
        assertThat(hawse("load", "-i", dir.resolve("nothing").toString()).code())
                .isEqualTo(125);
        assertThat(succeeds("info")).contains("Images: 1\n");
    }

    @Test
    void killedProgramTakesItsCommandAlong() throws Exception {
        var box = SERVER.idle();
        var process = start("exec", "-i", box, "sh", "-c", "echo ready; exec sleep 4321");
        try (var out = process.inputReader(UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            process.toHandle().destroyForcibly();
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        await().until(() -> SERVER.client().containers().processes(box).stream()
                .noneMatch(p -> p.args().contains("4321")));
    }

    @Test
    void detachedCommandIsListedAttachedToAndKilled() throws Exception {
        var box = SERVER.idle();
        var id = succeeds("exec", "-d", "-i", box, "sh", "-c", "echo begun; cat; echo done; exit 9")
                .strip();
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(succeeds("exec", "ls", box)).contains(id.substring(0, 12)).contains("Up ");
        assertThat(succeeds("exec", "inspect", id)).contains("\"state\" : \"running\"");
        assertThat(hawse("to it\n".getBytes(UTF_8), "exec", "attach", id.substring(0, 12)))
                .isEqualTo(new Result(9, "begun\nto it\ndone\n", ""));
        assertThat(hawse("exec", "attach", "--from", "6,0", id)).isEqualTo(new Result(9, "to it\ndone\n", ""));
        assertThat(succeeds("exec", "ls", "-q", box)).isBlank();
        assertThat(succeeds("exec", "ls", "-a", box)).contains("Exited (9)");

        var sleeper =
                succeeds("exec", "-d", box, "sh", "-c", "sleep 4321 & wait").strip();
        succeeds("exec", "kill", "--tree", sleeper);
        assertThat(hawse("exec", "attach", sleeper).code()).isEqualTo(137);
        await().until(() -> SERVER.client().containers().processes(box).stream()
                .noneMatch(p -> p.args().contains("4321")));
    }

    @Test
    void commandIsEndedWhenItsTimeIsOver() throws Exception {
        var box = SERVER.idle();
        assertThat(hawse("exec", "--timeout", "300ms", box, "sleep", "4321").code())
                .isEqualTo(128 + 15);
    }

    @Test
    void killedProgramLeavesWhatMayBeLeft() throws Exception {
        var box = SERVER.idle();
        var process =
                start("exec", "-i", "--on-disconnect", "detach", box, "sh", "-c", "echo ready; read x; echo got $x");
        try (var out = process.inputReader(UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            process.toHandle().destroyForcibly();
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        var id = succeeds("exec", "ls", "-q", box).strip();
        await().untilAsserted(() -> assertThat(succeeds("exec", "inspect", id)).contains("\"viewers\" : 0"));
        assertThat(hawse("it\n".getBytes(UTF_8), "exec", "attach", id)).isEqualTo(new Result(0, "ready\ngot it\n", ""));
    }

    @Test
    void startedContainerIsAttachedToFromItsFirstByte() throws Exception {
        var id = succeeds("create", "-i", TestImages.BUSYBOX, "sh", "-c", "echo first; cat; exit 3")
                .strip();
        SERVER.removeLater(id);
        assertThat(hawse("again\n".getBytes(UTF_8), "start", "-ai", id)).isEqualTo(new Result(3, "first\nagain\n", ""));
    }

    @Test
    void programWithoutAServerSaysSo() throws Exception {
        var result = hawse("--address", "unix:/nonexistent/hawse.sock", "ps");
        assertThat(result.code()).isEqualTo(125);
        assertThat(result.err())
                .startsWith("hawse: ")
                .contains("/nonexistent/hawse.sock")
                .hasLineCount(1);
    }
}
