package dev.hawse.exec;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecAdoption;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks engines what has become of commands, of many at a time, and of each again and again until its engine answers. Safe for
 * use by any number of threads; nothing here blocks.
 */
final class Search {

    private static final Logger log = LoggerFactory.getLogger(Search.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final int AT_ONCE = 32;

    /** A shim asks the OCI runtime for each, one after the other; more would only wait there until they time out. */
    private static final int AT_ONCE_IN_CONTAINER = 4;

    private final ScheduledExecutorService timer;
    private final Executor workers;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Map<ContainerId, Queue> queues = new ConcurrentHashMap<>();

    /** Whoever asks for commands of one container; there only while somebody does. */
    private static final class Queue {
        private final Semaphore turns = new Semaphore(AT_ONCE_IN_CONTAINER, true);
        private int length;
    }

    Search(ScheduledExecutorService timer, Executor workers) {
        this.timer = timer;
        this.workers = workers;
    }

    /** What becomes of the search for one command; called on a thread that may be blocked. */
    interface Finder {

        /** Once, at the end. */
        void found(ExecAdoption what);

        /** The engine did not answer: it is asked again in a second. */
        void silent(RuntimeFailure why);
    }

    /** Begins. Completes when the engine has answered, or has not for the first time; never fails. */
    CompletableFuture<Void> begin(Exec exec, ExecOperations engine, Finder finder) {
        return CompletableFuture.runAsync(() -> ask(exec, engine, finder, true), workers)
                .exceptionally(e -> {
                    log.error("what became of {} was not found out", exec, e);
                    return null;
                });
    }

    /** Takes away what is left of a command that has ended. Completes when the engine has been asked; never fails. */
    CompletableFuture<Void> release(Exec exec, ProcessExit exit, ExecOperations engine) {
        return CompletableFuture.runAsync(
                        () -> inTurn(exec, () -> {
                            engine.release(exec.container(), exec.id(), exit);
                            return null;
                        }),
                        workers)
                .exceptionally(e -> {
                    log.warn("what is left of {} stays until its container ends: {}", exec, e.getMessage());
                    return null;
                });
    }

    private void ask(Exec exec, ExecOperations engine, Finder finder, boolean first) {
        ExecAdoption what;
        try {
            var command = exec.command();
            what = inTurn(
                    exec,
                    () -> engine.adopt(
                            exec.container(), exec.id(), command.spec().io(), command.drain(), exec.out()));
        } catch (RuntimeFailure e) {
            log.atLevel(first ? Level.WARN : Level.DEBUG)
                    .log("what became of {} is not known yet: {}", exec, e.getMessage());
            finder.silent(e);
            var _ = timer.schedule(
                    () -> workers.execute(() -> ask(exec, engine, finder, false)),
                    RETRY.toMillis(),
                    TimeUnit.MILLISECONDS);
            return;
        }
        finder.found(what);
    }

    private <T extends @Nullable Object> T inTurn(Exec exec, Supplier<T> question) {
        var queue = enter(exec.container());
        queue.turns.acquireUninterruptibly();
        turns.acquireUninterruptibly();
        try {
            return question.get();
        } finally {
            turns.release();
            queue.turns.release();
            leave(exec.container());
        }
    }

    private Queue enter(ContainerId container) {
        return queues.compute(container, (_, there) -> {
            var queue = there == null ? new Queue() : there;
            queue.length++;
            return queue;
        });
    }

    private void leave(ContainerId container) {
        queues.computeIfPresent(container, (_, queue) -> --queue.length == 0 ? null : queue);
    }
}
