package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.PortExec;
import dev.hawse.testing.Recorder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Containers whose processes stand still. */
public abstract class PauseContract extends ContainerRuntimeContract {

    private ContainerId paused(ContainerId id) {
        assertThat(containers().pause(id).state()).isEqualTo(ContainerState.PAUSED);
        return id;
    }

    @Test
    void pausedContainerKeepsItsProcessAndGoesOn() {
        var id = idle();
        var pid = now(id).pid();
        paused(id);
        assertThat(now(id).pid()).isEqualTo(pid);
        assertThat(now(id).running()).isTrue();
        assertThat(containers().resume(id).state()).isEqualTo(ContainerState.RUNNING);
        assertThat(sh(id, "echo alive").out()).isEqualTo("alive\n");
    }

    @Test
    void stateIsRightAtOnceAfterEachOfManyChanges() {
        var id = idle();
        for (int i = 0; i < 20; i++) {
            paused(id);
            containers().resume(id);
            assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
        }
        assertThat(sh(id, "echo alive").out()).isEqualTo("alive\n");
    }

    @Test
    void pausedContainerTakesNoCommandAndNoStart() {
        var id = paused(idle());
        failing(Reason.CONTAINER_STATE, () -> PortExec.ask(runtime().execs(), id, ExecSpec.of("true")));
        failing(Reason.CONTAINER_STATE, () -> containers().start(id));
        failing(Reason.CONTAINER_STATE, () -> containers().pause(id));
        failing(Reason.CONTAINER_STATE, () -> containers().remove(id, false));
    }

    @Test
    void onlyPausedContainersAreResumedAndOnlyRunningOnesPaused() {
        var created = create(busybox("true")).id();
        failing(Reason.CONTAINER_STATE, () -> containers().pause(created));
        failing(Reason.CONTAINER_STATE, () -> containers().resume(created));
        var running = idle();
        failing(Reason.CONTAINER_STATE, () -> containers().resume(running));
    }

    @Test
    void pausedContainerIsStoppedBySignal() {
        var id = paused(obedient());
        var stopped = containers().stop(id, Duration.ofSeconds(30), null);
        assertThat(stopped.killed()).isFalse();
        assertThat(stopped.container().exit()).isEqualTo(code(3));
    }

    @Test
    void pausedContainerIsKilled() {
        var id = paused(idle());
        containers().kill(id, Signal.KILL, false);
        assertThat(awaitExit(id).outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void pausedContainerIsKilledWithoutGrace() {
        var id = paused(idle());
        assertThat(containers().stop(id, Duration.ZERO, null).killed()).isTrue();
    }

    @Test
    void pausedContainerIsRestarted() {
        var id = paused(idle());
        assertThat(containers().restart(id, Duration.ofMillis(100), null).state())
                .isEqualTo(ContainerState.RUNNING);
        assertThat(sh(id, "echo alive").out()).isEqualTo("alive\n");
    }

    @Test
    void pausedContainerIsRemovedByForce() {
        var id = paused(idle());
        containers().remove(id, true);
        failing(Reason.CONTAINER_NOT_FOUND, () -> now(id));
    }

    @Test
    void commandThatRanBeforeGoesOnAfterwards() {
        var id = idle();
        var sink = new Recorder();
        var io = new ProcessIo(true, null);
        var exec = exec(id, ExecSpec.of("cat").withIo(io), sink);
        paused(id);
        exec.control().write(new byte[] {'x'}, () -> exec.control().endInput());
        assertThat(sink.ended()).isFalse();
        containers().resume(id);
        sink.exit();
        assertThat(sink.out()).isEqualTo("x");
    }
}
