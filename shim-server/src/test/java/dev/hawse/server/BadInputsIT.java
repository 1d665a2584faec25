package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.TerminalSize;
import dev.hawse.client.LoadListener;
import dev.hawse.runtime.Reason;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What callers should not send, to the whole server on a real containerd; the fixtures count what is left behind. */
@Timeout(60)
final class BadInputsIT {

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    private Stranger stranger;

    @BeforeEach
    void connect() {
        stranger = new Stranger(SERVER.socket(), TestImages.BUSYBOX, "sleep", "100000");
    }

    @AfterEach
    void disconnect() {
        stranger.close();
    }

    static Stream<BadInput> rows() {
        var dir = SERVER.dir();
        return Stream.of(
                        BadNames.rows(),
                        BadNames.rowsOfContainerd(),
                        BadSpecs.rows(),
                        BadSpecs.rowsOfContainerd(),
                        BadMounts.rows(),
                        BadMounts.rowsOfHost(dir, CONTAINERD.socket()),
                        BadFrames.rows())
                .flatMap(List::stream);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void isAnsweredAndLeavesNothing(BadInput input) {
        input.check(stranger);

        assertThat(stranger.count()).as("containers that the input made").isEqualTo(stranger.made());
    }

    @Test
    void case34ALinkThatWasPutInTheWayAfterTheCheckIsFoundBeforeTheProgramBegins(@TempDir Path temp)
            throws IOException {
        var source = Files.createDirectory(temp.resolve("source"));
        var id = stranger.create(spec ->
                BadMounts.bind(spec.clearArgs().addArgs("touch").addArgs("/x/touched"), "/x", source.toString()));
        Files.delete(source);
        var state = SERVER.dir().resolve("state");
        Files.createSymbolicLink(source, state);

        BadInput.refused(
                        "34",
                        "a start of a container whose source has become a link to the server's state",
                        Reason.PERMISSION_DENIED,
                        "mounts[0].bind.source",
                        "which is \"" + state + "\"",
                        s -> s.start(id))
                .check(stranger);

        assertThat(state.resolve("touched")).doesNotExist();
        assertThat(stranger.state(id)).isEqualTo(ContainerState.CONTAINER_STATE_CREATED);
        Files.delete(source);
        Files.createDirectory(source);
        stranger.start(id);
        await().untilAsserted(() -> assertThat(source.resolve("touched")).exists());
    }

    @Test
    void case34AMountThatLiesInASourceIsJudgedToo(@TempDir Path temp) throws Exception {
        var inner = Files.createDirectories(temp.resolve("source/inner"));
        var state = SERVER.dir().resolve("state");
        mount("mount", "--bind", state.toString(), inner.toString());
        try {
            var id = stranger.create(
                    spec -> BadMounts.bind(spec, "/x", temp.resolve("source").toString()));

            BadInput.refused(
                            "34",
                            "a start of a container whose source has the server's state mounted in it",
                            Reason.PERMISSION_DENIED,
                            "mounts[0].bind.source",
                            "is protected on this host",
                            s -> s.start(id))
                    .check(stranger);
        } finally {
            mount("umount", inner.toString());
        }
    }

    private static void mount(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void case37ASourceWithCommasAndColonsIsAPathAndNoOption(@TempDir Path temp) throws IOException {
        var source = Files.createDirectory(temp.resolve("a,suid,dev:rshared,upperdir=x y\\z"));
        var id = stranger.running(spec -> BadMounts.bind(spec, "/x", source.toString()));

        var options = stranger.output(id, "sh", "-c", "grep ' /x ' /proc/mounts");

        assertThat(options).contains("nosuid,nodev").doesNotContain("upperdir");
        assertThat(stranger.output(id, "sh", "-c", "touch /x/y && echo done")).isEqualTo("done\n");
        assertThat(source.resolve("y")).exists();
    }

    @Test
    void case16WhatAContainerPreloadsIsItsOwn() {
        var id = stranger.running(spec -> spec.putEnv("LD_PRELOAD", "/evil.so"));

        assertThat(stranger.output(id, "sh", "-c", "echo $LD_PRELOAD")).endsWith("/evil.so\n");
    }

    @Test
    void case65AMissingProgramIsAResultOf127AndOneThatMayNotBeExecutedOf126() {
        var id = stranger.running();

        assertThat(stranger.exit(id, "no-such-program").getSpawnFailure().getShellCode())
                .isEqualTo(127);
        assertThat(stranger.exit(id, "/etc/passwd").getSpawnFailure().getShellCode())
                .isEqualTo(126);
    }

    @Test
    void case64ResizesOfWhatNeverStartsLeaveNothing() {
        var id = stranger.running();
        for (int i = 0; i < 20; i++) {
            var start = ExecRequest.newBuilder();
            start.getStartBuilder()
                    .setContainer(id)
                    .addArgs("no-such-program")
                    .getIoBuilder()
                    .setTerminal(true);
            var size = TerminalSize.newBuilder().setColumns(80 + i).setRows(24);

            var frames = stranger.exchangeAtOnce(
                    start.build(), ExecRequest.newBuilder().setResize(size).build());

            assertThat(frames.getLast().getExited().getOutcome().hasSpawnFailure())
                    .isTrue();
        }
    }

    @Test
    void case70ACallWithoutDeadlineMayBeQuietUntilTheCommandsOwnTimeIsOver() {
        var request = ExecRequest.newBuilder();
        request.getStartBuilder()
                .setContainer(stranger.running())
                .addAllArgs(List.of("sleep", "1000"))
                .setTimeout(Duration.newBuilder().setSeconds(1));

        var exited = stranger.exchangeAtOnce(request.build()).getLast().getExited();

        assertThat(exited.getTimedOut()).isTrue();
        assertThat(exited.getOutcome().getSignal()).isEqualTo(15);
    }

    @Test
    void case36ATargetThatTheImageMadeALinkStaysInTheContainer(@TempDir Path temp) throws IOException {
        var outside = Files.createDirectory(temp.resolve("outside"));
        var source = Files.createDirectory(temp.resolve("source"));
        Files.writeString(source.resolve("file"), "mounted\n");
        var name = "docker.io/hawse/links:test";
        var image = TestImages.busybox()
                .withLayer(tar -> tar.symlink("out", "../../../../.." + outside)
                        .symlink("kernel", "/proc")
                        .symlink("proclink", "proc/sys"));
        SERVER.client()
                .images()
                .load(
                        new ByteArrayInputStream(
                                new DockerArchive().image(image, name).bytes()),
                        LoadListener.NONE);

        var id = stranger.running(spec -> BadMounts.bind(spec.setImage(name), "/out/x", source.toString()));

        assertThat(stranger.output(id, "cat", outside + "/x/file")).isEqualTo("mounted\n");
        assertThat(outside).isEmptyDirectory();
        for (var target : List.of("/kernel", "/proclink")) {
            var made = stranger.create(spec -> BadMounts.bind(spec.setImage(name), target, source.toString()));
            BadInput.refused(
                            "36",
                            "a start of a container whose image leads " + target + " to /proc",
                            Reason.OCI_RUNTIME_FAILED,
                            "",
                            "to rootfs at \"" + target + "\"",
                            s -> s.start(made))
                    .check(stranger);
        }
        SERVER.client().images().remove(name, true);
    }

    @Test
    void case71AForkBombMeetsItsLimitAndTheServerAnswers() {
        var id = stranger.running(spec -> spec.getResourcesBuilder().setPidsLimit(32));

        stranger.output(id, "sh", "-c", "for i in $(seq 200); do (sleep 60 &) 2>/dev/null; done; true");

        assertThat(stranger.count()).isEqualTo(1);
        stranger.get(id);
    }
}
