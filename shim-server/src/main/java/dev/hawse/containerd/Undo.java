package dev.hawse.containerd;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.hawse.containerd.client.ContainerdFailures;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to take back, newest first, when something that takes several steps fails half-way. Closing it takes everything back
 * unless {@link #keep()} was called, though its thread may be interrupted or its caller gone, and returns when that is done, or
 * after three seconds: a daemon that is away must not keep the caller. The rest goes on by itself, for some minutes. For one
 * thread.
 */
final class Undo implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Undo.class);

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 120;

    private final Deque<Step> steps = new ArrayDeque<>();

    private record Step(String what, Runnable action) {}

    /** Adds how to take back what has just been done. */
    void add(String what, Runnable action) {
        steps.push(new Step(what, action));
    }

    /** Everything went well: nothing is taken back. */
    void keep() {
        steps.clear();
    }

    @Override
    public void close() {
        if (steps.isEmpty()) {
            return;
        }
        var all = List.copyOf(steps);
        steps.clear();
        var work = Thread.ofVirtual().name("undo").start(() -> all.forEach(Undo::takeBack));
        Uninterruptibles.joinUninterruptibly(work, PATIENCE);
    }

    /** Again and again while the daemon is away, so that a step is never done before those that it is to follow. */
    private static void takeBack(Step step) {
        for (int attempt = 1; ; attempt++) {
            try {
                step.action().run();
                return;
            } catch (RuntimeException e) {
                if (attempt == ATTEMPTS || !ContainerdFailures.mayPass(e)) {
                    log.warn("could not {}: {}", step.what(), e.getMessage());
                    return;
                }
                log.debug("could not {} yet", step.what(), e);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}
