package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.PortExec;
import dev.hawse.testing.Recorder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Containers from their making to their removal. */
public abstract class LifecycleContract extends ContainerRuntimeContract {

    @Test
    void createdContainerHasNotRun() {
        var container = create(busybox("true"));
        assertThat(container.state()).isEqualTo(ContainerState.CREATED);
        assertThat(container.pid()).isZero();
        assertThat(container.startedAt()).isNull();
        assertThat(container.finishedAt()).isNull();
        assertThat(container.exit()).isNull();
        assertThat(container.running()).isFalse();
        assertThat(now(container.id())).isEqualTo(container);
    }

    @Test
    void startedContainerRunsAsAProcessOfTheHost() {
        var container = running(busybox("sleep", "1000"));
        assertThat(container.state()).isEqualTo(ContainerState.RUNNING);
        assertThat(ProcessHandle.of(container.pid())).isPresent();
        assertThat(container.startedAt()).isAfterOrEqualTo(container.createdAt());
        assertThat(container.exit()).isNull();
    }

    @Test
    void startingARunningContainerChangesNothing() {
        var container = running(busybox("sleep", "1000"));
        assertThat(containers().start(container.id())).isEqualTo(container);
    }

    @Test
    void exitCodeAndTimesOfTheEndAreKept() {
        var id = running(script("exit 7")).id();
        var exit = awaitExit(id);
        assertThat(exit.outcome()).isEqualTo(code(7));
        var container = now(id);
        assertThat(container.state()).isEqualTo(ContainerState.EXITED);
        assertThat(container.exit()).isEqualTo(code(7));
        assertThat(container.pid()).isZero();
        assertThat(container.finishedAt()).isEqualTo(exit.exitedAt()).isAfterOrEqualTo(container.createdAt());
        assertThat(container.oomKilled()).isFalse();
    }

    @Test
    void exitedContainerStartsAgainWithItsFiles() {
        var id = running(script("echo run >> /runs; exit $(wc -l < /runs)")).id();
        assertThat(awaitExit(id).outcome()).isEqualTo(code(1));
        assertThat(containers().start(id).exit()).isNull();
        assertThat(awaitExit(id).outcome()).isEqualTo(code(2));
    }

    @Test
    void stopLetsTheProcessEndByItself() {
        var stopped = containers().stop(obedient(), Duration.ofSeconds(30), null);
        assertThat(stopped.killed()).isFalse();
        assertThat(stopped.container().exit()).isEqualTo(code(3));
        assertThat(stopped.container().state()).isEqualTo(ContainerState.EXITED);
    }

    @Test
    void stopSendsTheSignalOfTheSpecOrOfTheCall() {
        var spec = script("trap 'exit 4' USR1; trap 'exit 5' HUP; echo ready; while true; do sleep 1000 & wait; done")
                .stopSignal(Signal.parse("USR1"))
                .stopGrace(Duration.ofSeconds(30));
        var id = running(spec).id();
        awaitLog(id, "ready");
        assertThat(containers().stop(id, null, null).container().exit()).isEqualTo(code(4));
        containers().start(id);
        Awaitility.await().until(() -> logs(id, LogQuery.ALL).text().equals("ready\nready\n"));
        assertThat(containers().stop(id, null, Signal.parse("HUP")).container().exit())
                .isEqualTo(code(5));
    }

    @Test
    void stopKillsWhenTheGraceRunsOut() {
        var stopped = containers().stop(idle(), Duration.ofMillis(300), null);
        assertThat(stopped.killed()).isTrue();
        assertThat(stopped.container().exit()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void stopWithoutGraceKillsAtOnce() {
        var stopped = containers().stop(obedient(), Duration.ZERO, null);
        assertThat(stopped.killed()).isTrue();
        assertThat(stopped.container().exit()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void stoppingWhatDoesNotRunDoesNothing() {
        var created = create(busybox("true")).id();
        var stopped = containers().stop(created, null, null);
        assertThat(stopped.killed()).isFalse();
        assertThat(stopped.container().state()).isEqualTo(ContainerState.CREATED);
        containers().start(created);
        awaitExit(created);
        assertThat(containers().stop(created, null, null).container().exit()).isEqualTo(code(0));
    }

    @Test
    void graceOutsideItsRangeIsRefused() {
        var id = create(busybox("true")).id();
        failing(Reason.INVALID_FIELD, () -> containers().stop(id, Duration.ofSeconds(-1), null));
        failing(Reason.INVALID_FIELD, () -> containers().restart(id, Duration.ofDays(2), null));
    }

    @Test
    void killSendsASignalAndNoMore() {
        var id = obedient();
        containers().kill(id, Signal.parse("USR1"), false);
        awaitLog(id, "usr1");
        assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void killedContainerNamesTheSignal() {
        var id = idle();
        containers().kill(id, Signal.KILL, false);
        assertThat(awaitExit(id).outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void killOfAllReachesEveryProcess() {
        // The shell as process 1 ignores TERM, its child does not.
        var id = running(script("echo ready; sleep 1000; exit 9")).id();
        awaitLog(id, "ready");
        Awaitility.await().until(() -> containers().processes(id).size() == 2);
        containers().kill(id, Signal.TERM, true);
        assertThat(awaitExit(id).outcome()).isEqualTo(code(9));
    }

    @Test
    void killOfWhatDoesNotRunIsRefused() {
        var id = create(busybox("true")).id();
        failing(Reason.CONTAINER_STATE, () -> containers().kill(id, Signal.TERM, false));
        containers().start(id);
        awaitExit(id);
        failing(Reason.CONTAINER_STATE, () -> containers().kill(id, Signal.KILL, true));
    }

    @Test
    void restartKeepsIdNameAndFiles() {
        var first = running(busybox("sleep", "1000"));
        sh(first.id(), "echo kept > /kept");
        var second = containers().restart(first.id(), Duration.ZERO, null);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.name()).isEqualTo(first.name());
        assertThat(second.pid()).isNotEqualTo(first.pid()).isPositive();
        assertThat(second.startedAt()).isAfter(first.startedAt());
        assertThat(sh(first.id(), "cat /kept").out()).isEqualTo("kept\n");
    }

    @Test
    void restartOfWhatDoesNotRunStartsIt() {
        var id = create(busybox("sleep", "1000")).id();
        assertThat(containers().restart(id, null, null).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void commandsEndWithTheirContainer() {
        var id = idle();
        var sink = new Recorder();
        exec(id, ExecSpec.of("sleep", "1000"), sink);
        containers().stop(id, Duration.ZERO, null);
        assertThat(sink.exit().outcome()).isNotEqualTo(code(0));
        Awaitility.await()
                .untilAsserted(() -> assertThat(runtime().execs().running()).isZero());
    }

    @Test
    void runningContainerIsRemovedOnlyByForce() {
        var id = idle();
        failing(Reason.CONTAINER_STATE, () -> containers().remove(id, false));
        assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
        containers().remove(id, true);
        failing(Reason.CONTAINER_NOT_FOUND, () -> now(id));
    }

    @Test
    void containerIsRemovedOnce() {
        var id = create(busybox("true")).id();
        containers().remove(id, false);
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().remove(id, true));
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().start(id));
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().stop(id, null, null));
        failing(Reason.CONTAINER_NOT_FOUND, () -> PortExec.ask(runtime().execs(), id, ExecSpec.of("true")));
    }

    @Test
    void exitedContainerIsRemovedWithoutForce() {
        var id = running(busybox("true")).id();
        awaitExit(id);
        containers().remove(id, false);
        failing(Reason.CONTAINER_NOT_FOUND, () -> now(id));
    }

    @Test
    void forcedRemovalDoesNotWaitForAStopInProgress() {
        var id = idle();
        var stop = CompletableFuture.runAsync(() -> containers().stop(id, Duration.ofMinutes(10), null));
        Awaitility.await().pollDelay(Duration.ofMillis(100)).until(() -> !stop.isDone());
        containers().remove(id, true);
        assertThat(stop.handle((_, _) -> true)).succeedsWithin(Duration.ofSeconds(10));
    }
}
