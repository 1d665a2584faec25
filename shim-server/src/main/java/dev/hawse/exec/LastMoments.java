package dev.hawse.exec;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the commands that are not to outlive the server, and waits until they have ended with all that descends from them: one
 * whose server leaves while it kills might be left stopped, or without its children's end.
 */
final class LastMoments {

    private static final Logger log = LoggerFactory.getLogger(LastMoments.class);

    /** However long a command may take that was hung up. */
    private static final Duration LONGEST_GRACE = Duration.ofSeconds(10);

    private static final Duration KILL_TIME = Duration.ofSeconds(5);

    private LastMoments() {}

    /** Nobody can ask for another one by now. Blocks, for no longer than these two times. */
    static void end(Collection<Exec> all) {
        var ending = all.stream()
                .filter(exec -> !exec.over().isDone() && exec.serverEnds())
                .toList();
        if (!over(ending, grace(ending))) {
            var late = ending.stream()
                    .filter(exec -> exec.endings().killUnlessDone())
                    .toList();
            var _ = over(late, KILL_TIME);
            var untold = ending.stream().filter(exec -> !exec.over().isDone()).toList();
            if (!untold.isEmpty()) {
                log.warn("commands that were killed and whose end was not told: {}", untold);
            }
        }
        // Also of those that have ended: their descendants may still be on the way out.
        await(all.stream().map(exec -> exec.endings().sent()).toList(), KILL_TIME);
    }

    private static Duration grace(List<Exec> ending) {
        return ending.stream()
                .filter(exec -> exec.command().onDisconnect() instanceof DisconnectPolicy.Hangup)
                .map(exec -> exec.command().killAfter())
                .map(time -> time.compareTo(LONGEST_GRACE) < 0 ? time : LONGEST_GRACE)
                .max(Duration::compareTo)
                .orElse(KILL_TIME);
    }

    private static boolean over(List<Exec> ending, Duration most) {
        return await(ending.stream().map(Exec::over).toList(), most);
    }

    private static boolean await(List<CompletableFuture<Void>> what, Duration most) {
        try {
            CompletableFuture.allOf(what.toArray(CompletableFuture[]::new)).get(most.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("none of them fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
