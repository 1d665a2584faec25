package dev.hawse.containerd;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to take back, newest first, when something that takes several steps fails half-way. Closing it takes everything back
 * unless {@link #keep()} was called. For one thread.
 */
final class Undo implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Undo.class);

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
        ContainerdClient.despiteCancellation(this::takeBack);
    }

    private void takeBack() {
        for (var step : steps) {
            try {
                step.action().run();
            } catch (RuntimeException e) {
                log.warn("could not {}: {}", step.what(), e.getMessage());
            }
        }
        steps.clear();
    }
}
