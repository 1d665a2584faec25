package dev.hawse.faults;

import static dev.hawse.faults.Daemons.busybox;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ContainerState;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExecState;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.client.Image;
import dev.hawse.client.ImageFilter;
import dev.hawse.client.LoadListener;
import dev.hawse.client.LoadProgress;
import dev.hawse.client.RunOptions;
import dev.hawse.faults.Hawsed.Setup;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to the server while containerd and the containers stay. */
@Timeout(120)
final class ServerFaultsIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int OUT_OF_MEMORY = 3;

    private static String alive(String container) {
        return DAEMONS.client().run(container, "echo", "alive").stdoutUtf8();
    }

    private static ContainerState state(String container) {
        return DAEMONS.containers().get(container).state();
    }

    /** F1. */
    @Test
    void whatRunsIsTakenOverWithItsIdsAfterAKill() throws IOException {
        var ids = IntStream.range(0, 20)
                .parallel()
                .mapToObj(i -> DAEMONS.run(busybox("sleep", "1000").name("c" + i)))
                .collect(Collectors.toSet());
        var ended = DAEMONS.run(busybox("sh", "-c", "sleep 1; exit 9")).id();
        DAEMONS.hawsed().kill();
        await().atMost(SOON).until(() -> Processes.with("sleep", "1").isEmpty());
        var began = System.nanoTime();
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
        assertThat(DAEMONS.containers().stream(ContainerFilter.ALL).filter(c -> !c.id().equals(ended)))
                .allSatisfy(c -> assertThat(c.state()).isEqualTo(ContainerState.RUNNING))
                .extracting(c -> c.id() + c.name() + c.pid())
                .containsExactlyInAnyOrderElementsOf(
                        ids.stream().map(c -> c.id() + c.name() + c.pid()).toList());
        assertThat(DAEMONS.containers().waitFor(ended).orElseThrow().status()).isEqualTo(new ExitStatus.Code(9));
        assertThat(alive("c7")).isEqualTo("alive\n");
    }

    /** F5. */
    @Test
    void beingToldToEndItLeavesContainersRunning() throws IOException {
        var id = DAEMONS.idle();
        Processes.signal(DAEMONS.hawsed().pid(), "TERM");
        assertThat(DAEMONS.hawsed().awaitEnd()).isZero();
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(state(id)).isEqualTo(ContainerState.RUNNING);
    }

    /** F6: whoever supervises it starts it anew. */
    @Test
    void runningOutOfMemoryItEndsRatherThanLingering() throws IOException {
        var id = DAEMONS.idle();
        DAEMONS.restart(Setup.failing("create.named:exhaust")
                .jvm("-Dhawse.failpoints=create.named:exhaust", "-Xmx64m", "-XX:+ExitOnOutOfMemoryError"));
        assertThat(catchThrowableOfType(HawseException.class, () -> DAEMONS.create(busybox("true"))))
                .isNotNull();
        assertThat(DAEMONS.hawsed().awaitEnd()).isEqualTo(OUT_OF_MEMORY);
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(alive(id)).isEqualTo("alive\n");
    }

    /** F7. */
    @Test
    void whileItIsStoppedCallersSeeTheirDeadlineAndAfterwardsNothingIsMissing() throws Exception {
        var id = DAEMONS.run(busybox("sh", "-c", "sleep 1; exit 4")).id();
        try (var impatient = DAEMONS.hawsed().connect(Duration.ofSeconds(1))) {
            DAEMONS.hawsed().freeze();
            try {
                var failure = catchThrowableOfType(
                        HawseException.class, () -> impatient.containers().get(id));
                assertThat(failure.code()).isEqualTo(Code.TIMEOUT);
                await().atMost(SOON).until(() -> Processes.with("sleep", "1").isEmpty());
            } finally {
                DAEMONS.hawsed().thaw();
            }
        }
        assertThat(DAEMONS.containers().waitFor(id).orElseThrow().status()).isEqualTo(new ExitStatus.Code(4));
    }

    /** F4. */
    @Test
    void aLoadThatTheServerDidNotLiveToEndLeavesNothingAndCanBeDoneAgain() throws IOException {
        var before = DAEMONS.client().images().stream(ImageFilter.ALL)
                .map(Image::digest)
                .toList();
        var other = TestImages.busybox().withLayer(tar -> tar.file("large", new byte[8 << 20]));
        var archive =
                new DockerArchive().image(other, "docker.io/hawse/other:test").bytes();
        assertThat(catchThrowableOfType(
                        HawseException.class,
                        () -> DAEMONS.client().images().load(new ByteArrayInputStream(archive), new LoadListener() {
                            @Override
                            public void progress(LoadProgress progress) {
                                DAEMONS.hawsed().kill();
                            }
                        })))
                .isNotNull();
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(DAEMONS.client().images().stream(ImageFilter.ALL).map(Image::digest))
                .containsExactlyInAnyOrderElementsOf(before);
        DAEMONS.client().images().load(new ByteArrayInputStream(archive), LoadListener.NONE);
        var box = DAEMONS.run(ContainerSpec.builder("docker.io/hawse/other:test", "sleep", "1000"))
                .id();
        assertThat(alive(box)).isEqualTo("alive\n");
        DAEMONS.containers().remove(box, true);
        DAEMONS.client().images().remove("docker.io/hawse/other:test", false);
    }

    /** F43, as far as it goes without the clock that everybody on the host reads: monotonic time jumps between two lives. */
    @Test
    void timesAreKeptThoughTheNextLifeCountsFromElsewhere() throws IOException {
        var box = DAEMONS.idle();
        var execs = DAEMONS.client().execs();
        var soon = execs.start(
                        box,
                        ExecSpec.builder("sleep", "8881")
                                .timeout(Duration.ofSeconds(12))
                                .build())
                .id();
        var late = execs.start(
                        box,
                        ExecSpec.builder("sleep", "8882")
                                .timeout(Duration.ofHours(12))
                                .build())
                .id();
        DAEMONS.hawsed().kill();
        DAEMONS.hawsed().start(Setup.PLAIN.before("unshare", "--time", "--monotonic", "86400", "--boottime", "86400"));
        assertThat(DAEMONS.client().execs().get(soon).state()).isEqualTo(ExecState.RUNNING);
        await().atMost(SOON).until(() -> DAEMONS.client().execs().get(soon).state() == ExecState.EXITED);
        assertThat(Objects.requireNonNull(DAEMONS.client().execs().get(soon).exit())
                        .timedOut())
                .isTrue();
        assertThat(DAEMONS.client().execs().get(late).state()).isEqualTo(ExecState.RUNNING);
        DAEMONS.restart(Setup.PLAIN);
        assertThat(DAEMONS.client().execs().get(late).state()).isEqualTo(ExecState.RUNNING);
        assertThat(alive(box)).isEqualTo("alive\n");
    }

    /** F44: what it leaves unreaped stays in its own container, counts there, and goes with it. */
    @Test
    void aMainProcessThatReapsNobodyHurtsItsOwnContainerAlone() {
        var box = DAEMONS.run(busybox("sh", "-c", "sleep 0.1 & sleep 0.1 & exec sleep 9991")
                        .pidsLimit(32))
                .id();
        var zombies = ExecSpec.of("sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status | wc -l");
        await().atMost(SOON)
                .until(() -> DAEMONS.client()
                        .run(box, zombies, RunOptions.DEFAULT)
                        .stdoutUtf8()
                        .strip()
                        .equals("2"));
        assertThat(alive(box)).isEqualTo("alive\n");
        var stopped = DAEMONS.containers().stop(box, Duration.ofMillis(200), "");
        assertThat(stopped.killed()).isTrue();
        assertThat(Processes.with("sleep", "9991")).isEmpty();
    }

    /** F34. */
    @Test
    void withoutDescriptorsItRefusesNewWorkKeepsTheOldAndRecovers() throws IOException {
        DAEMONS.restart(Setup.PLAIN);
        var id = DAEMONS.idle();
        var sessions = new ArrayList<ExecSession>();
        try (var first =
                DAEMONS.client().exec(id, ExecSpec.builder("cat").stdin().build())) {
            var now = Processes.descriptors(DAEMONS.hawsed().pid());
            Processes.run("prlimit", "--pid", "" + DAEMONS.hawsed().pid(), "--nofile=" + (now + 20) + ":4096");
            var failure = catchThrowableOfType(HawseException.class, () -> {
                for (int i = 0; i < 20; i++) {
                    sessions.add(DAEMONS.client()
                            .exec(id, ExecSpec.builder("cat").stdin().build()));
                }
            });
            assertThat(failure).isNotNull();
            assertThat(failure.code()).as(failure.getMessage()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            first.stdin().write("old\n".getBytes(UTF_8));
            assertThat(new String(first.stdout().readNBytes(4), UTF_8)).isEqualTo("old\n");
        } finally {
            sessions.forEach(ExecSession::close);
            Processes.run("prlimit", "--pid", "" + DAEMONS.hawsed().pid(), "--nofile=4096:4096");
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(alive(id)).isEqualTo("alive\n"));
    }

    /** F35. */
    @Test
    void withoutRoomForThreadsItAnswersStill() throws IOException {
        DAEMONS.restart(Setup.PLAIN);
        var group = new PidsGroup("hawse-faults-" + DAEMONS.hawsed().pid());
        var id = DAEMONS.idle();
        try {
            group.add(DAEMONS.hawsed().pid());
            group.limitToWhatThereIs();
            for (int i = 0; i < 5; i++) {
                try {
                    assertThat(alive(id)).isEqualTo("alive\n");
                } catch (HawseException e) {
                    assertThat(e.code()).as(e.getMessage()).isEqualTo(Code.RESOURCE_EXHAUSTED);
                }
            }
            assertThat(state(id)).isEqualTo(ContainerState.RUNNING);
        } finally {
            group.close();
        }
        assertThat(alive(id)).isEqualTo("alive\n");
    }

    /** F33. */
    @Test
    void aStateThatCannotBeWrittenKeepsItFromStartingInWords() throws IOException {
        var id = DAEMONS.idle();
        DAEMONS.hawsed().kill();
        var state = DAEMONS.hawsed().stateDir();
        Processes.run("mount", "--bind", state.toString(), state.toString());
        try {
            Processes.run("mount", "-o", "remount,ro,bind", state.toString());
            DAEMONS.hawsed().launch(Setup.PLAIN);
            assertThat(DAEMONS.hawsed().awaitEnd()).isEqualTo(1);
            assertThat(DAEMONS.hawsed().log())
                    .contains("hawsed: cannot open the lock " + state)
                    .containsIgnoringCase("read-only");
        } finally {
            Processes.run("umount", state.toString());
        }
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(alive(id)).isEqualTo("alive\n");
    }

    /** F36. */
    @Test
    void theKernelsKillForWantOfMemoryIsTold() {
        var id = DAEMONS.run(busybox("sh", "-c", "tail /dev/zero").memoryBytes(32 << 20))
                .id();
        var exit = DAEMONS.containers().waitFor(id).orElseThrow();
        assertThat(exit.status().shellCode()).isEqualTo(137);
        assertThat(exit.oomKilled()).isTrue();
        assertThat(DAEMONS.containers().get(id).oomKilled()).isTrue();
    }

    /** F39. */
    @Test
    void manyWhoCreateAndRemoveTheSameNameLeaveNothing() {
        Set<Object> answers = ConcurrentHashMap.newKeySet();
        try (var threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < 200; i++) {
                threads.execute(() -> {
                    try {
                        DAEMONS.create(busybox("true").name("contested"));
                        answers.add("created");
                        DAEMONS.containers().remove("contested", true);
                        answers.add("removed");
                    } catch (HawseException e) {
                        answers.add(e.code());
                    }
                });
            }
        }
        assertThat(new TreeSet<>(answers.stream().map(Object::toString).toList()))
                .contains("created", "removed")
                .isSubsetOf("created", "removed", "ALREADY_EXISTS", "NOT_FOUND", "ABORTED");
        DAEMONS.containers().stream(ContainerFilter.ALL)
                .forEach(c -> DAEMONS.containers().remove(c.id()));
    }

    /** F40. */
    @Test
    void anImageRemovedWhileContainersAreMadeOfItNeverLeavesOneWithoutItsLayers() throws IOException {
        for (int i = 0; i < 10; i++) {
            var work = new ArrayList<CompletableFuture<Void>>();
            work.add(CompletableFuture.runAsync(ServerFaultsIT::removeImage));
            for (int j = 0; j < 3; j++) {
                work.add(CompletableFuture.runAsync(ServerFaultsIT::createAndUse));
            }
            work.forEach(CompletableFuture::join);
            DAEMONS.client().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), LoadListener.NONE);
        }
    }

    private static void removeImage() {
        try {
            DAEMONS.client().images().remove(TestImages.BUSYBOX, true);
        } catch (HawseException e) {
            assertThat(e.code()).as(e.getMessage()).isIn(Code.NOT_FOUND, Code.FAILED_PRECONDITION);
        }
    }

    private static void createAndUse() {
        String id;
        try {
            id = DAEMONS.create(busybox("true")).id();
        } catch (HawseException e) {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.IMAGE_NOT_FOUND);
            return;
        }
        DAEMONS.containers().start(id);
        assertThat(DAEMONS.containers().waitFor(id).orElseThrow().success()).isTrue();
        DAEMONS.containers().remove(id);
    }

    /** F50: nothing that was in memory is there any more, and the kernel says that it has booted anew. */
    @Test
    void aRestartOfTheHostIsToldOfWhatRanThen() throws IOException {
        var ran = DAEMONS.idle();
        var ended = DAEMONS.run(busybox("sh", "-c", "exit 6")).id();
        DAEMONS.containers().waitFor(ended);
        var never = DAEMONS.create(busybox("true")).id();
        DAEMONS.loseWhatRan();
        var boot = Files.writeString(DAEMONS.dir().resolve("boot_id"), "11111111-2222-3333-4444-555555555555\n");
        DAEMONS.containerd().start();
        DAEMONS.hawsed()
                .start(Setup.PLAIN.before(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount --bind " + boot + " /proc/sys/kernel/random/boot_id && exec \"$@\"",
                        "sh"));
        assertThat(state(ran)).isEqualTo(ContainerState.EXITED);
        assertThat(DAEMONS.containers().get(ran).exit())
                .isInstanceOfSatisfying(
                        ExitStatus.Lost.class, lost -> assertThat(lost.reason()).contains("the host was restarted"));
        assertThat(DAEMONS.containers().get(ended).exit()).isEqualTo(new ExitStatus.Code(6));
        assertThat(state(never)).isEqualTo(ContainerState.CREATED);
        DAEMONS.containers().start(ran);
        assertThat(alive(ran)).isEqualTo("alive\n");
        DAEMONS.restart(Setup.PLAIN);
    }
}
