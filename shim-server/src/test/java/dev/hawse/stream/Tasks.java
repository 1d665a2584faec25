package dev.hawse.stream;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** An executor that does nothing until it is told to: the disk stands still meanwhile. For one thread. */
final class Tasks implements Executor {

    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
    }

    /** Runs what waits, and what that brings. */
    void runAll() {
        for (var task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    /** The same, the newest first. */
    void runNewestFirst() {
        for (var task = waiting.pollLast(); task != null; task = waiting.pollLast()) {
            task.run();
        }
    }
}
