package dev.hawse.faults;

import static dev.hawse.faults.Daemons.busybox;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.AttachSpec;
import dev.hawse.client.ContainerState;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.faults.Hawsed.Setup;
import dev.hawse.testing.NamespaceCensus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to containerd, its shims and the OCI runtime while the server stays. */
@Timeout(120)
final class RuntimeFaultsIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofSeconds(20);

    private static Duration took(Runnable work) {
        var began = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static HawseException failing(ThrowingCallable call) {
        var failure = catchThrowableOfType(HawseException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }

    /** Fails within the time in which whoever asks is to get an answer. */
    private static void failsInTime(Reason reason, ThrowingCallable call) {
        assertThat(took(() -> assertThat(failing(call))
                        .satisfies(
                                e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))))
                .isLessThan(ANSWER);
    }

    private static String alive(String container) {
        return DAEMONS.client().run(container, "echo", "alive").stdoutUtf8();
    }

    private static ContainerState state(String container) {
        return DAEMONS.containers().get(container).state();
    }

    /** F8, F11: nobody listens. */
    @Test
    void whoAsksWhileContainerdIsDeadIsToldToTryAgain() throws IOException {
        var id = DAEMONS.idle();
        DAEMONS.containerd().kill();
        var failure = failing(() -> DAEMONS.containers().create(busybox("true").build()));
        assertThat(failure.reason()).isEqualTo(Reason.RUNTIME_UNAVAILABLE);
        assertThat(failure.retryAfter()).isPresent();
        assertThat(state(id)).isEqualTo(ContainerState.RUNNING);
        DAEMONS.containerd().start();
        DAEMONS.awaitContainerd();
        assertThat(alive(id)).isEqualTo("alive\n");
    }

    /** F9. */
    @Test
    void everyCallFailsInTimeWhileContainerdIsStopped() {
        var idle = DAEMONS.create(busybox("sleep", "1000")).id();
        var running = DAEMONS.idle();
        DAEMONS.containerd().freeze();
        try {
            assertThat(took(() -> DAEMONS.containers().get(running))).isLessThan(Duration.ofSeconds(1));
            var calls = new ArrayList<CompletableFuture<Void>>();
            calls.add(CompletableFuture.runAsync(() -> failsInTime(
                    Reason.RUNTIME_TIMEOUT, () -> DAEMONS.create(busybox("true").name("late")))));
            calls.add(CompletableFuture.runAsync(() -> failsInTime(
                    Reason.RUNTIME_TIMEOUT, () -> DAEMONS.containers().start(idle))));
            calls.add(CompletableFuture.runAsync(() -> failsInTime(
                    Reason.RUNTIME_TIMEOUT, () -> DAEMONS.containers().remove(running, true))));
            calls.add(CompletableFuture.runAsync(() -> failsInTime(
                    Reason.RUNTIME_TIMEOUT, () -> DAEMONS.containers().pause(running))));
            calls.forEach(CompletableFuture::join);
        } finally {
            DAEMONS.containerd().thaw();
        }
        DAEMONS.awaitContainerd();
        await().atMost(SOON).ignoreExceptionsInstanceOf(HawseException.class).until(() -> {
            DAEMONS.create(busybox("true").name("late"));
            return true;
        });
        await().atMost(SOON).ignoreExceptionsInstanceOf(HawseException.class).until(() -> {
            DAEMONS.containers().start(idle);
            return true;
        });
        assertThat(alive(idle)).isEqualTo("alive\n");
    }

    /** F10. */
    @Test
    void manyDeathsOfContainerdLoseNoEndAndNoDescriptor() throws IOException {
        var before = 0;
        for (int i = 0; i < 20; i++) {
            var id = DAEMONS.run(busybox("sh", "-c", "sleep 0.3; exit 21")).id();
            DAEMONS.restartContainerd();
            assertThat(DAEMONS.containers().waitFor(id).orElseThrow().status()).isEqualTo(new ExitStatus.Code(21));
            DAEMONS.containers().remove(id);
            before = i == 2 ? Processes.descriptors(DAEMONS.hawsed().pid()) : before;
        }
        var expected = before;
        await().atMost(SOON).until(() -> Processes.descriptors(DAEMONS.hawsed().pid()) <= expected);
    }

    /** F11. */
    @Test
    void theSocketMayGoAndComeBack() throws IOException {
        var id = DAEMONS.idle();
        var socket = DAEMONS.containerd().socket();
        DAEMONS.containerd().kill();
        Files.delete(socket);
        assertThat(failing(() -> DAEMONS.create(busybox("true"))).getMessage()).contains("there is no socket");
        Files.createDirectory(socket);
        assertThat(failing(() -> DAEMONS.create(busybox("true"))).reason()).isEqualTo(Reason.RUNTIME_UNAVAILABLE);
        Files.delete(socket);
        DAEMONS.containerd().start();
        assertThat(took(DAEMONS::awaitContainerd)).isLessThan(ANSWER);
        assertThat(alive(id)).isEqualTo("alive\n");
    }

    /** F13. */
    @Test
    void theDeathOfAShimIsTheEndOfItsContainerAloneWhichMayBeStartedAnew() {
        var id = DAEMONS.idle();
        var other = DAEMONS.idle();
        Processes.signal(DAEMONS.containerd().shim(id), "KILL");
        await().atMost(SOON).until(() -> state(id) == ContainerState.EXITED);
        assertThat(DAEMONS.containers().get(id).exit())
                .satisfiesAnyOf(
                        exit -> assertThat(exit).isInstanceOf(ExitStatus.Lost.class),
                        exit -> assertThat(exit).isEqualTo(new ExitStatus.Code(137)));
        DAEMONS.containers().start(id);
        assertThat(alive(id)).isEqualTo("alive\n");
        assertThat(alive(other)).isEqualTo("alive\n");
    }

    /** F13, while nobody watches. */
    @Test
    void aContainerWhoseShimDiedWhileTheServerWasDownIsLost() throws IOException {
        var id = DAEMONS.idle();
        DAEMONS.hawsed().kill();
        Processes.signal(DAEMONS.containerd().shim(id), "KILL");
        await().atMost(SOON)
                .until(() ->
                        NamespaceCensus.take(DAEMONS.direct()).stream().noneMatch(line -> line.startsWith("task")));
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(state(id)).isEqualTo(ContainerState.EXITED);
        assertThat(DAEMONS.containers().get(id).exit())
                .isInstanceOfSatisfying(
                        ExitStatus.Lost.class, lost -> assertThat(lost.reason()).contains("nobody watched"));
        DAEMONS.containers().start(id);
        assertThat(alive(id)).isEqualTo("alive\n");
    }

    /** F14. */
    @Test
    void aShimThatIsStoppedHurtsNobodyElse() throws IOException {
        DAEMONS.restart(Setup.PLAIN.set("containerd.resync-interval=500ms"));
        var id = DAEMONS.idle();
        var other = DAEMONS.idle();
        var shim = DAEMONS.containerd().shim(id);
        Processes.signal(shim, "STOP");
        try {
            await().atMost(SOON).until(() -> state(id) == ContainerState.UNKNOWN);
            assertThat(took(() -> DAEMONS.containers().get(id))).isLessThan(Duration.ofSeconds(2));
            assertThat(took(() -> assertThat(alive(other)).isEqualTo("alive\n")))
                    .isLessThan(Duration.ofSeconds(5));
            assertThat(failing(() -> DAEMONS.client().run(id, "true")).reason()).isEqualTo(Reason.RUNTIME_TIMEOUT);
        } finally {
            Processes.signal(shim, "CONT");
        }
        await().atMost(SOON).until(() -> state(id) == ContainerState.RUNNING);
        assertThat(alive(id)).isEqualTo("alive\n");
        DAEMONS.restart(Setup.PLAIN);
    }

    /** In front of runc: hangs as long as a file is there. */
    private static Path hangingRunc(Path hang) throws IOException {
        var script = DAEMONS.dir().resolve("hanging-runc");
        Files.writeString(script, """
                #!/bin/sh
                for word in "$@"; do
                  while [ "$word" = create ] && [ -e %s ]; do sleep 0.2; done
                done
                exec runc "$@"
                """.formatted(hang));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static Setup withRunc(Path runc) {
        return Setup.PLAIN.set(
                "containerd.oci-runtimes=hanging",
                "containerd.oci-runtime-binaries=hanging=" + runc,
                "containerd.start-timeout=2s");
    }

    /** F15. */
    @Test
    void anOciRuntimeThatHangsFailsTheStartInTimeAndLeavesNothing() throws IOException {
        var hang = DAEMONS.dir().resolve("hang");
        DAEMONS.restart(withRunc(hangingRunc(hang)));
        var id = DAEMONS.create(busybox("sleep", "1000").name("box")).id();
        Files.writeString(hang, "");
        try {
            failsInTime(Reason.RUNTIME_TIMEOUT, () -> DAEMONS.containers().start(id));
            await().atMost(SOON).until(() -> DAEMONS.containerd().shims().isEmpty());
        } finally {
            Files.delete(hang);
        }
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(HawseException.class)
                .until(() -> DAEMONS.containers().start(id).state() == ContainerState.RUNNING);
        assertThat(alive(id)).isEqualTo("alive\n");
        DAEMONS.containers().remove(id, true);
        DAEMONS.restart(Setup.PLAIN);
    }

    /** containerd forgets the shim of a creation that its caller has left. */
    @Test
    void aShimThatContainerdForgotWhenTheServerDiedIsEndedByTheNextServer() throws Exception {
        var hang = DAEMONS.dir().resolve("hang");
        var setup = withRunc(hangingRunc(hang))
                .set(
                        "containerd.oci-runtimes=hanging",
                        "containerd.oci-runtime-binaries=hanging="
                                + DAEMONS.dir().resolve("hanging-runc"));
        DAEMONS.restart(setup);
        var id = DAEMONS.create(busybox("sleep", "1000")).id();
        Files.writeString(hang, "");
        try {
            var start = CompletableFuture.runAsync(
                    () -> failing(() -> DAEMONS.containers().start(id)));
            await().atMost(SOON).until(() -> !DAEMONS.containerd().shims().isEmpty());
            DAEMONS.hawsed().kill();
            start.get(20, TimeUnit.SECONDS);
            DAEMONS.hawsed().start(setup);
            await().atMost(SOON).until(() -> DAEMONS.containerd().shims().isEmpty());
        } finally {
            Files.delete(hang);
        }
        assertThat(DAEMONS.hawsed().log()).contains("which containerd does not know");
        assertThat(state(id)).isEqualTo(ContainerState.CREATED);
        DAEMONS.containers().remove(id);
        DAEMONS.restart(Setup.PLAIN);
    }

    /** F16. */
    @Test
    void fifosThatAreTakenAwayWhileOpenGoOn() throws IOException {
        var id = DAEMONS.run(busybox("cat").stdin()).id();
        try (var session = DAEMONS.containers().attach(id, AttachSpec.INTERACTIVE)) {
            var fifos = DAEMONS.hawsed().runDir().resolve("fifos").resolve(id);
            try (var files = Files.list(fifos)) {
                for (var file : files.toList()) {
                    Files.delete(file);
                }
            }
            session.stdin().write("still here\n".getBytes(UTF_8));
            assertThat(new String(session.stdout().readNBytes(11), UTF_8)).isEqualTo("still here\n");
        }
        Processes.signal(DAEMONS.containers().get(id).pid(), "KILL");
        assertThat(DAEMONS.containers().waitFor(id).orElseThrow().status().shellCode())
                .isEqualTo(137);
    }

    /** F16, between the making of the FIFOs and their use. */
    @Test
    void fifosThatAreTakenAwayBeforeTheStartFailItInWords() throws IOException {
        DAEMONS.restart(Setup.failing("start.fifos:delay(1500)"));
        var id = DAEMONS.create(busybox("cat").stdin()).id();
        var fifos = DAEMONS.hawsed().runDir().resolve("fifos").resolve(id);
        var start = CompletableFuture.supplyAsync(
                () -> failing(() -> DAEMONS.containers().start(id)));
        await().atMost(SOON).until(() -> Files.exists(fifos.resolve("stderr")));
        for (var name : new String[] {"stdin", "stdout", "stderr"}) {
            Files.deleteIfExists(fifos.resolve(name));
        }
        assertThat(start.join().reason()).isEqualTo(Reason.INTERNAL);
        assertThat(start.join().getMessage()).contains("somebody took its stdio FIFOs away");
        DAEMONS.restart(Setup.PLAIN);
        assertThat(DAEMONS.containers().start(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    /** F17: the shim waits for a reader of a FIFO that is not the server's. */
    @Test
    void aFifoThatNobodyReadsFailsTheCommandInTimeAndLeavesNothing() throws IOException {
        DAEMONS.restart(Setup.failing("exec.fifos:1*delay(1500)")
                .set("containerd.start-timeout=2s", "exec.drain-timeout=200ms"));
        var id = DAEMONS.idle();
        var fifos = DAEMONS.hawsed().runDir().resolve("fifos");
        var run = CompletableFuture.runAsync(
                () -> failsInTime(Reason.RUNTIME_TIMEOUT, () -> DAEMONS.client().run(id, "sleep", "7771")));
        var stdout = await().atMost(SOON)
                .until(() -> stdoutOfACommand(fifos), Optional::isPresent)
                .orElseThrow();
        Files.delete(stdout);
        assertThat(Processes.run("mkfifo", stdout.toString())).isZero();
        assertThat(alive(id)).isEqualTo("alive\n");
        run.join();
        assertThat(alive(id)).isEqualTo("alive\n");
        await().atMost(SOON).until(() -> Processes.with("sleep", "7771").isEmpty());
        await().atMost(SOON).until(() -> stdoutOfACommand(fifos).isEmpty());
        DAEMONS.restart(Setup.PLAIN);
    }

    private static Optional<Path> stdoutOfACommand(Path fifos) throws IOException {
        try (var folders = Files.list(fifos)) {
            return folders.map(folder -> folder.resolve("stdout"))
                    .filter(Files::exists)
                    .filter(fifo -> !Files.exists(fifo.resolveSibling("stdin")))
                    .findFirst();
        }
    }

    /** A wait whose answer gets lost on its way. */
    @Test
    void anEndWhoseNewsWasLostIsFoundByLookingAgain() throws IOException {
        DAEMONS.restart(Setup.failing("wait.answered:1*throw").set("containerd.resync-interval=500ms"));
        var id = DAEMONS.run(busybox("sh", "-c", "sleep 0.2; exit 3")).id();
        await().atMost(SOON).until(() -> state(id) == ContainerState.EXITED);
        assertThat(DAEMONS.containers().get(id).exit()).isEqualTo(new ExitStatus.Code(3));
        assertThat(DAEMONS.hawsed().log()).contains("fail-point wait.answered");
        DAEMONS.restart(Setup.PLAIN);
    }

    /** F8: a command goes on without containerd. */
    @Test
    void aCommandGoesOnWhileContainerdIsDead() throws IOException {
        var id = DAEMONS.idle();
        try (var session = DAEMONS.client()
                .exec(
                        id,
                        ExecSpec.builder("sh", "-c", "read x; echo $x; exit 5")
                                .stdin()
                                .build())) {
            DAEMONS.containerd().kill();
            session.stdin().write("while away\n".getBytes(UTF_8));
            assertThat(new String(session.stdout().readNBytes(11), UTF_8)).isEqualTo("while away\n");
            DAEMONS.containerd().start();
            assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(5));
        }
    }
}
