package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Waiting for containers. */
public abstract class WaitContract extends ContainerRuntimeContract {

    private static ProcessExit ended(CompletableFuture<@Nullable ProcessExit> waiting) {
        return Objects.requireNonNull(ContainerRuntimeContract.<@Nullable ProcessExit>get(waiting), "how it ended");
    }

    @Test
    void whatNeverRanDoesNotRun() {
        var id = create(busybox("true")).id();
        assertThat(get(containers().await(id, WaitCondition.NOT_RUNNING))).isNull();
    }

    @Test
    void whatHasExitedDoesNotRun() {
        var id = running(script("exit 5")).id();
        assertThat(awaitExit(id).outcome()).isEqualTo(code(5));
        var again = containers().await(id, WaitCondition.NOT_RUNNING);
        assertThat(again).isDone();
        assertThat(awaitExit(id).outcome()).isEqualTo(code(5));
    }

    @Test
    void everybodyWhoWaitsIsTold() {
        var id = idle();
        var first = containers().await(id, WaitCondition.NOT_RUNNING);
        var second = containers().await(id, WaitCondition.NEXT_EXIT);
        assertThat(first).isNotDone();
        containers().kill(id, Signal.KILL, false);
        assertThat(get(first)).isEqualTo(get(second));
    }

    @Test
    void nextExitIsOneThatIsStillToCome() {
        var id = running(script("exit 5")).id();
        awaitExit(id);
        var next = containers().await(id, WaitCondition.NEXT_EXIT);
        assertThat(next).isNotDone();
        containers().start(id);
        assertThat(ended(next).outcome()).isEqualTo(code(5));
    }

    @Test
    void nextExitOfWhatWasNotStartedComes() {
        var id = create(script("exit 6")).id();
        var next = containers().await(id, WaitCondition.NEXT_EXIT);
        containers().start(id);
        assertThat(ended(next).outcome()).isEqualTo(code(6));
    }

    @Test
    void removalOfWhatNeverRanIsToldWithoutAnEnd() {
        var id = create(busybox("true")).id();
        var removed = containers().await(id, WaitCondition.REMOVED);
        var next = containers().await(id, WaitCondition.NEXT_EXIT);
        assertThat(removed).isNotDone();
        containers().remove(id, false);
        assertThat(get(removed)).isNull();
        assertThat(get(next)).isNull();
    }

    @Test
    void removalIsToldWithTheLastEnd() {
        var id = idle();
        var removed = containers().await(id, WaitCondition.REMOVED);
        containers().stop(id, Duration.ZERO, null);
        assertThat(removed).isNotDone();
        containers().remove(id, false);
        assertThat(ended(removed).outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void cancellingChangesNothing() {
        var id = idle();
        for (var condition : WaitCondition.values()) {
            assertThat(containers().await(id, condition).cancel(true)).isTrue();
        }
        assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
        var after = containers().await(id, WaitCondition.NEXT_EXIT);
        containers().kill(id, Signal.KILL, false);
        assertThat(get(after)).isNotNull();
    }

    @Test
    void completingTheAnswerChangesNothingForOthers() {
        var id = idle();
        containers().await(id, WaitCondition.NOT_RUNNING).complete(null);
        assertThat(containers().await(id, WaitCondition.NOT_RUNNING)).isNotDone();
    }

    @Test
    void waitingForNobodyIsRefused() {
        for (var condition : WaitCondition.values()) {
            failing(Reason.CONTAINER_NOT_FOUND, () -> containers().await(ContainerId.random(), condition));
        }
    }

    @Test
    void whoWaitedSeesTheEndInTheContainer() {
        var id = running(script("exit 8")).id();
        awaitExit(id);
        assertThat(now(id).exit()).isEqualTo(code(8));
        containers().remove(id, false);
    }
}
