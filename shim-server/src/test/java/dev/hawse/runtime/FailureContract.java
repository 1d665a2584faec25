package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.Recorder;
import dev.hawse.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong leaves nothing behind, and many at once do not get in each other's way. */
public abstract class FailureContract extends ContainerRuntimeContract {

    @TempDir
    Path host;

    @Test
    void missingProgramFailsTheStartAndCanBeMendedLater() throws IOException {
        var mount = new Mount.Bind("/host", host.toString(), true);
        var id = create(busybox("/host/program").mounts(List.of(mount))).id();
        var failure = failing(Reason.OCI_RUNTIME_FAILED, () -> containers().start(id));
        assertThat(failure.metadata())
                .containsEntry("spawn_failure", "NOT_FOUND")
                .containsEntry("container", id.value());
        assertThat(now(id).state()).isEqualTo(ContainerState.CREATED);
        assertThat(now(id).startedAt()).isNull();
        failing(Reason.OCI_RUNTIME_FAILED, () -> containers().start(id));
        Files.createFile(
                host.resolve("program"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(host.resolve("program"), "#!/bin/sh\nexit 12\n");
        containers().start(id);
        assertThat(awaitExit(id).outcome()).isEqualTo(code(12));
    }

    @Test
    void whatMayNotBeExecutedFailsTheStart() {
        var id = create(busybox("/etc/passwd")).id();
        assertThat(failing(Reason.OCI_RUNTIME_FAILED, () -> containers().start(id))
                        .metadata())
                .containsEntry("spawn_failure", "NOT_EXECUTABLE");
    }

    @Test
    void viewerKeepsWaitingWhenAStartFails() throws IOException {
        var mount = new Mount.Bind("/host", host.toString(), true);
        var id = create(busybox("sh", "/host/script").workingDir("/host/dir").mounts(List.of(mount)))
                .id();
        var sink = new Recorder();
        try (var session = containers().attach(id, null, false, sink)) {
            session.resumeOutput();
            failing(Reason.OCI_RUNTIME_FAILED, () -> containers().start(id));
            assertThat(sink.ended()).isFalse();
            Files.createDirectory(host.resolve("dir"));
            Files.writeString(host.resolve("script"), "echo mended");
            containers().start(id);
            sink.exit();
        }
        assertThat(sink.out()).isEqualTo("mended\n");
    }

    @Test
    void imageThatIsNotThereFailsTheCreation() {
        failing(
                Reason.IMAGE_NOT_FOUND,
                () -> create(ContainerSpec.builder("docker.io/hawse/nothing:1").name("free")));
        failing(Reason.INVALID_FIELD, () -> create(ContainerSpec.builder("UPPER/case")));
        create(busybox("true").name("free"));
    }

    @Test
    void userThatIsNotThereFailsTheCreation() {
        failing(Reason.USER_NOT_FOUND, () -> create(busybox("true").name("free").user("stranger")));
        failing(Reason.USER_NOT_FOUND, () -> create(busybox("true").name("free").user("app:strangers")));
        create(busybox("true").name("free"));
    }

    @Test
    void runtimeThatIsNotConfiguredFailsTheCreation() {
        for (var runtime : List.of("/bin/sh", "../../x", "nope")) {
            failing(Reason.INVALID_FIELD, () -> create(busybox("true").ociRuntime(runtime)));
        }
    }

    @Test
    void imageWithoutACommandNeedsOne() {
        var image = image("docker.io/hawse/silent:test", TestImages.busybox().with("Cmd", List.of()));
        failing(Reason.INVALID_FIELD, () -> create(ContainerSpec.builder(image)));
    }

    @Test
    void containerGoesOnWithoutItsImage() {
        var image = image(
                "docker.io/hawse/short-lived:test", TestImages.busybox().withLayer(tar -> tar.file("own", "layer")));
        var id = running(ContainerSpec.builder(image).args("sleep", "1000")).id();
        failing(Reason.IMAGE_IN_USE, () -> runtime().images().remove(image, false));
        runtime().images().remove(image, true);
        assertThat(sh(id, "cat /own").out()).isEqualTo("layer");
        containers().restart(id, Duration.ZERO, null);
        assertThat(sh(id, "cat /own").out()).isEqualTo("layer");
        assertThat(now(id).image()).isEqualTo(image);
    }

    @Test
    void manyAtOnceAllRun() throws InterruptedException, ExecutionException {
        var lives = new ArrayList<Callable<String>>();
        for (int i = 0; i < 20; i++) {
            var n = i;
            lives.add(() -> {
                var out = outputOf(script("echo " + n + "; exit " + n));
                return out.strip();
            });
        }
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = workers.invokeAll(lives);
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()).isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test
    void anyOrderOfCallsOnOneContainerEnds() throws InterruptedException, ExecutionException {
        var id = create(busybox("sleep", "1000").stopGrace(Duration.ofMillis(50)))
                .id();
        var allowed = EnumSet.of(Reason.CONTAINER_STATE, Reason.CONTAINER_NOT_FOUND, Reason.CONFLICT);
        List<Runnable> calls = List.of(
                () -> containers().start(id),
                () -> containers().stop(id, null, null),
                () -> containers().restart(id, null, null),
                () -> containers().pause(id),
                () -> containers().resume(id),
                () -> containers().kill(id, Signal.KILL, true),
                () -> sh(id, "true"),
                () -> containers().processes(id));
        var rounds = new ArrayList<Callable<Object>>();
        for (int i = 0; i < 40; i++) {
            var call = calls.get(i % calls.size());
            rounds.add(() -> {
                try {
                    call.run();
                } catch (RuntimeFailure e) {
                    assertThat(e.reason()).as(e.getMessage()).isIn(allowed);
                }
                return true;
            });
        }
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var result : workers.invokeAll(rounds)) {
                result.get();
            }
        }
        containers().remove(id, true);
        failing(Reason.CONTAINER_NOT_FOUND, () -> now(id));
    }

    @Test
    void removalWhileItStartsAndEndsLeavesNothing() throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            var id = create(busybox("true")).id();
            try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
                workers.execute(() -> {
                    try {
                        containers().start(id);
                    } catch (RuntimeFailure e) {
                        assertThat(e.reason()).isEqualTo(Reason.CONTAINER_NOT_FOUND);
                    }
                });
                workers.execute(() -> containers().remove(id, true));
            }
            failing(Reason.CONTAINER_NOT_FOUND, () -> now(id));
        }
    }
}
