package dev.hawse.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.AttachExecSpec;
import dev.hawse.client.DisconnectPolicy;
import dev.hawse.client.DrainState;
import dev.hawse.client.EventFilter;
import dev.hawse.client.EventType;
import dev.hawse.client.Exec;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExecState;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.client.ReadFrom;
import dev.hawse.client.SignalScope;
import dev.hawse.faults.Hawsed.Setup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of commands when their server, their callers or their containers go. */
@Timeout(180)
final class LeftCommandsIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final AttachExecSpec FROM_OLDEST =
            AttachExecSpec.builder().from(new ReadFrom.Oldest()).build();

    private static final Executor RACERS = Executors.newVirtualThreadPerTaskExecutor();

    private static ExecSpec.Builder sh(String script) {
        return ExecSpec.builder("sh", "-c", script);
    }

    private static Exec start(String container, ExecSpec.Builder spec) {
        return DAEMONS.client().execs().start(container, spec.build());
    }

    private static Exec get(String id) {
        return DAEMONS.client().execs().get(id);
    }

    private static void killServer() throws IOException {
        DAEMONS.hawsed().kill();
        DAEMONS.hawsed().start(Setup.PLAIN);
    }

    private static Exec ended(String id) {
        await().atMost(Duration.ofSeconds(30)).until(() -> get(id).state() == ExecState.EXITED);
        return get(id);
    }

    private static ExitStatus status(String id) {
        return Objects.requireNonNull(ended(id).exit()).status();
    }

    /** F2. */
    @Test
    void chattyCommandGoesOnWhereItWasAfterTheServerWasKilled() throws Exception {
        var box = DAEMONS.idle();
        var id = start(box, sh("seq 1 300000; exit 5")).id();
        // Nobody reads: it waits when its window is full.
        await().until(() -> get(id).head().stdout() > 100_000);
        killServer();
        assertThat(get(id).state()).isEqualTo(ExecState.RUNNING);
        assertThat(get(id).head().stdout()).isGreaterThan(100_000);
        var out = new ByteArrayOutputStream();
        try (var session = DAEMONS.client().execs().attach(id, FROM_OLDEST)) {
            session.stdout().transferTo(out);
            var exit = session.awaitExit();
            assertThat(exit.status()).isEqualTo(new ExitStatus.Code(5));
            assertThat(exit.possibleGap()).isTrue();
        }
        var lines = out.toString(UTF_8).split("\n", -1);
        assertThat(lines[0]).isEqualTo("1");
        assertThat(lines[lines.length - 2]).isEqualTo("300000");
    }

    @Test
    void commandThatEndedWhileNoServerRanHasItsTrueEnd() throws IOException {
        var box = DAEMONS.idle();
        var id = start(box, sh("sleep 1.5; exit 42")).id();
        DAEMONS.hawsed().kill();
        await().until(() -> Processes.with("sleep", "1.5").isEmpty());
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(status(id)).isEqualTo(new ExitStatus.Code(42));
    }

    @Test
    void interactiveCommandTakesInputFromWhoeverComesAfterTheKill() throws Exception {
        var box = DAEMONS.idle();
        var id = start(box, sh("read a; echo got $a").stdin()).id();
        killServer();
        try (var session = DAEMONS.client()
                .execs()
                .attach(id, AttachExecSpec.builder().stdin().build())) {
            try (var stdin = session.stdin()) {
                stdin.write("hello\n".getBytes(UTF_8));
            }
            assertThat(new String(session.stdout().readAllBytes(), UTF_8)).isEqualTo("got hello\n");
        }
    }

    @Test
    void timeGoesOnAfterTheKill() throws IOException {
        var box = DAEMONS.idle();
        var id = start(box, ExecSpec.builder("sleep", "1111").timeout(Duration.ofSeconds(12)))
                .id();
        killServer();
        assertThat(get(id).timesOutAt()).isNotNull();
        var exit = Objects.requireNonNull(ended(id).exit());
        assertThat(exit.timedOut()).isTrue();
        assertThat(Processes.with("sleep", "1111")).isEmpty();
    }

    @Test
    void callerThatLeavesDuringASlowStartHasItsCommandHungUpAllTheSame() throws IOException {
        var box = DAEMONS.idle();
        var shim = DAEMONS.containerd().shim(box);
        var spec = ExecSpec.builder("sleep", "7531")
                .onDisconnect(DisconnectPolicy.HANGUP)
                .killAfter(Duration.ZERO)
                .build();
        var caller = DAEMONS.hawsed().connect(Duration.ofSeconds(30));
        Processes.signal(shim, "STOP");
        try {
            var call = CompletableFuture.runAsync(() -> caller.exec(box, spec));
            await().until(() -> DAEMONS.client().execs().stream(box, Set.of()).count() == 1);
            caller.close();
            assertThat(call).failsWithin(Duration.ofSeconds(10));
        } finally {
            Processes.signal(shim, "CONT");
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> DAEMONS.client().execs().stream(box, Set.of())
                        .allMatch(exec -> exec.state() == ExecState.EXITED));
        assertThat(Processes.with("sleep", "7531")).isEmpty();
        DAEMONS.containers().remove(box, true);
    }

    /** F42. */
    @Test
    void commandOfOneRequestIdRunsOnceWhateverIsKilled() throws Exception {
        var box = DAEMONS.idle();
        var spec = sh("echo x >> /tmp/count; sleep 3").requestId("once").build();
        var calls = IntStream.range(0, 50)
                .mapToObj(_ -> CompletableFuture.runAsync(() -> {
                    try {
                        DAEMONS.client().execs().start(box, spec);
                    } catch (RuntimeException e) {
                        // The server was killed under its hands.
                    }
                }))
                .toList();
        // Anywhere between the first and the last of them.
        Thread.sleep(ThreadLocalRandom.current().nextInt(200));
        killServer();
        calls.forEach(CompletableFuture::join);
        var again = DAEMONS.client().execs().start(box, spec);
        ended(again.id());
        assertThat(DAEMONS.client()
                        .run(box, "sh", "-c", "cat /tmp/count 2>/dev/null | wc -l")
                        .stdoutUtf8()
                        .strip())
                .isIn("0", "1");
    }

    @Test
    void signalReachesTheWholeTreeAlsoWhoLeftItsSession() {
        var box = DAEMONS.idle();
        var id = start(box, sh("setsid sleep 2221 & (sleep 2222 & sleep 2223) & sleep 2224; true"))
                .id();
        await().until(() -> IntStream.rangeClosed(2221, 2224)
                .noneMatch(n -> Processes.with("sleep", "" + n).isEmpty()));
        DAEMONS.client().execs().signal(id, "KILL", SignalScope.TREE);
        assertThat(status(id)).isEqualTo(new ExitStatus.Signal(9));
        for (int n = 2221; n <= 2224; n++) {
            assertThat(Processes.with("sleep", "" + n)).isEmpty();
        }
    }

    /** F19. */
    @Test
    void commandOfACallerWhoVanishesGoesWithAllItsChildren() {
        var box = DAEMONS.idle();
        try (var other = DAEMONS.hawsed().connect(Duration.ofSeconds(30))) {
            ExecSession _ = other.exec(box, sh("sleep 3331 & sleep 3332").build());
            await().until(() -> !Processes.with("sleep", "3331").isEmpty());
        }
        await().until(() -> Processes.with("sleep", "3331").isEmpty()
                && Processes.with("sleep", "3332").isEmpty());
    }

    /** F18. */
    @Test
    void endIsToldAlthoughAGrandchildHoldsTheOutput() {
        var box = DAEMONS.idle();
        var id = start(box, sh("sleep 4441 & echo begun")).id();
        var exit = Objects.requireNonNull(ended(id).exit());
        assertThat(exit.status()).isEqualTo(new ExitStatus.Code(0));
        assertThat(exit.drain()).isEqualTo(DrainState.HELD);
        assertThat(Processes.with("sleep", "4441")).hasSize(1);
    }

    /** F41: what is known is told, and what is not is not made up. */
    @Test
    void commandsThatRaceWithTheEndOfTheirContainerEndTypedOrAreRefused() {
        var before = Processes.descriptors(DAEMONS.hawsed().pid());
        var told = new ConcurrentLinkedQueue<Object>();
        for (int i = 0; i < 25; i++) {
            var box = DAEMONS.idle();
            var after = Duration.ofMillis(ThreadLocalRandom.current().nextInt(300));
            var calls = Stream.generate(() -> CompletableFuture.runAsync(() -> told.add(raced(box)), RACERS))
                    .limit(12)
                    .toList();
            CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS, RACERS)
                    .execute(() -> DAEMONS.containers().kill(box));
            calls.forEach(CompletableFuture::join);
            DAEMONS.containers().remove(box, true);
        }
        assertThat(told)
                .hasSize(300)
                .allSatisfy(outcome -> assertThat(outcome)
                        .satisfiesAnyOf(
                                code -> assertThat(code)
                                        .isIn(
                                                new ExitStatus.Code(7),
                                                new ExitStatus.Code(137),
                                                new ExitStatus.Signal(9)),
                                lost -> assertThat(lost).isInstanceOf(ExitStatus.Lost.class),
                                refused ->
                                        assertThat(refused).isIn(Reason.CONTAINER_STATE, Reason.CONTAINER_NOT_FOUND)));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> Processes.descriptors(DAEMONS.hawsed().pid()) <= before + 2);
    }

    private static Object raced(String box) {
        try {
            return DAEMONS.client().run(box, "sh", "-c", "exit 7").status();
        } catch (HawseException e) {
            return e.reason() == Reason.INTERNAL ? e : e.reason();
        }
    }

    @Test
    void commandEndsWithItsContainerAndStaysEnded() throws IOException {
        var box = DAEMONS.idle();
        var id = start(box, ExecSpec.builder("sleep", "5551")).id();
        DAEMONS.client().containers().remove(box, true);
        assertThat(ended(id).exit()).isNotNull();
        killServer();
        assertThat(get(id).state()).isEqualTo(ExecState.EXITED);
    }

    @Test
    void inputThatWasEndedBeforeTheKillIsKnownToHaveEnded() throws Exception {
        var box = DAEMONS.idle();
        var ended = start(box, sh("cat; echo end; sleep 6661").stdin()).id();
        var open = start(box, sh("cat").stdin()).id();
        for (var id : List.of(ended, open)) {
            var writer = DAEMONS.client()
                    .execs()
                    .attach(id, AttachExecSpec.builder().stdin().build());
            writer.stdin().write("four".getBytes(UTF_8));
            writer.stdin().flush();
            await().until(() -> get(id).head().stdout() == 4);
            if (id.equals(ended)) {
                writer.stdin().close();
                await().until(() -> get(id).head().stdout() > 4);
            }
        }
        killServer();
        // Taken over: as long as it is not, nobody knows.
        for (var id : List.of(ended, open)) {
            await().until(() -> get(id).state() == ExecState.RUNNING);
        }
        assertThat(get(ended).stdinOpen()).isFalse();
        assertThat(get(open).stdinOpen()).isTrue();
        try (var late = DAEMONS.client()
                .execs()
                .attach(ended, AttachExecSpec.builder().stdin().build())) {
            late.stdin().write("more".getBytes(UTF_8));
            assertThatThrownBy(late::awaitExit).hasMessageContaining("stdin: it has ended already");
        }
        try (var session = DAEMONS.client()
                .execs()
                .attach(
                        open,
                        AttachExecSpec.builder()
                                .stdin()
                                .from(new ReadFrom.Oldest())
                                .build())) {
            session.stdin().close();
            assertThat(new String(session.stdout().readAllBytes(), UTF_8).strip())
                    .isEqualTo("four");
        }
        DAEMONS.client().execs().signal(ended, "KILL", SignalScope.TREE);
        assertThat(status(ended)).isEqualTo(new ExitStatus.Signal(9));
    }

    @Test
    void inputThatWasEndedAndNotReadBeforeTheKillIsReadToItsEndAfterIt() throws Exception {
        var box = DAEMONS.idle();
        var slow = start(
                        box,
                        sh("until test -e /tmp/now; do sleep 0.1; done; wc -c").stdin())
                .id();
        try (var writer = DAEMONS.client()
                .execs()
                .attach(slow, AttachExecSpec.builder().stdin().build())) {
            writer.stdin().write("x".repeat(20_000).getBytes(UTF_8));
            writer.stdin().close();
            await().until(() -> !get(slow).stdinOpen());
            // What is noted is noted behind the last byte.
            await().until(() -> Files.exists(DAEMONS.hawsed()
                    .runDir()
                    .resolve("fifos")
                    .resolve(slow + "." + box.substring(0, 12), "stdin.ending")));
        }
        killServer();
        await().until(() -> get(slow).state() == ExecState.RUNNING);
        assertThat(get(slow).stdinOpen()).isFalse();
        killServer();
        DAEMONS.client().run(box, "touch", "/tmp/now");
        assertThat(status(slow)).isEqualTo(new ExitStatus.Code(0));
        try (var session = DAEMONS.client().execs().attach(slow, FROM_OLDEST)) {
            assertThat(new String(session.stdout().readAllBytes(), UTF_8).strip())
                    .isEqualTo("20000");
        }
    }

    /** A server that leaves while it kills would leave some, or leave them stopped. */
    @Test
    void commandsThatMayNotOutliveTheServerEndWithItWhenItIsToldToEnd() throws Exception {
        var box = DAEMONS.idle();
        DAEMONS.restart(Setup.PLAIN.set("server.shutdown-grace=100ms"));
        var detached = start(box, ExecSpec.builder("sleep", "7770")).id();
        for (int n = 0; n < 12; n++) {
            var spec = sh("sleep 7771 & setsid sleep 7772 & trap : HUP; while :; do sleep 7773; done")
                    .killAfter(Duration.ofSeconds(2));
            if (n % 3 == 0) {
                spec.onDisconnect(DisconnectPolicy.HANGUP);
            }
            ExecSession _ = DAEMONS.client().exec(box, spec.build());
        }
        await().until(() -> Processes.with("sleep", "7773").size() == 12);
        Processes.signal(DAEMONS.hawsed().pid(), "TERM");
        assertThat(DAEMONS.hawsed().awaitEnd()).isZero();
        for (int n = 7771; n <= 7773; n++) {
            assertThat(Processes.with("sleep", "" + n)).isEmpty();
        }
        assertThat(Processes.with("sleep", "7770")).hasSize(1);
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(get(detached).state()).isEqualTo(ExecState.RUNNING);
        assertThat(DAEMONS.client().execs().stream(box, Set.of(ExecState.RUNNING))
                        .count())
                .isOne();
    }

    /** containerd says nothing of what happens while it is away. */
    @Test
    void everyStartAndEndOfACommandIsToldOnceWhateverIsKilledMeanwhile() throws Exception {
        long from;
        try (var events = DAEMONS.client().events().watch(EventFilter.ALL)) {
            from = events.nextSequence();
        }
        var box = DAEMONS.idle();
        var first = start(box, sh("sleep 3.1; exit 7")).id();
        DAEMONS.containerd().kill();
        await().until(() -> Processes.with("sleep", "3.1").isEmpty());
        DAEMONS.containerd().start();
        assertThat(status(first)).isEqualTo(new ExitStatus.Code(7));
        var second = start(box, sh("sleep 3.2; exit 8")).id();
        var abandoned = DAEMONS.client().exec(box, sh("sleep 8881").build()).execId();
        // In the moment of its start a server that dies takes the news with it, as if it had never been.
        try (var events = DAEMONS.client().events().watch(from, EventFilter.ALL)) {
            await().until(() -> events.next().execId().equals(abandoned));
        }
        DAEMONS.hawsed().kill();
        await().until(() -> Processes.with("sleep", "3.2").isEmpty());
        DAEMONS.hawsed().start(Setup.PLAIN);
        assertThat(status(second)).isEqualTo(new ExitStatus.Code(8));
        killServer();
        await().until(() -> Processes.with("sleep", "8881").isEmpty());
        DAEMONS.containers().remove(box, true);
        assertThat(commandEvents(from, box))
                .containsExactlyInAnyOrder(
                        "EXEC_STARTED " + first,
                        "EXEC_EXITED " + first,
                        "EXEC_STARTED " + second,
                        "EXEC_EXITED " + second,
                        "EXEC_STARTED " + abandoned,
                        "EXEC_EXITED " + abandoned);
    }

    /** Until the container was removed. */
    private static List<String> commandEvents(long from, String container) {
        var told = new ArrayList<String>();
        try (var events = DAEMONS.client().events().watch(from, EventFilter.ALL)) {
            for (var event = events.next(); event.type() != EventType.CONTAINER_REMOVED; event = events.next()) {
                if (event.containerId().equals(container) && event.type().name().startsWith("EXEC_")) {
                    told.add(event.type() + " " + event.execId());
                }
            }
        }
        return told;
    }
}
