package dev.hawse.stream;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work that whoever comes may do, and one at a time. Who comes while it is being done does not wait: it is done once more
 * instead, so it always runs, to its end, after the last call began.
 */
final class OneAtATime {

    private final Runnable work;
    private final AtomicInteger calls = new AtomicInteger();

    /** Work that must not throw. */
    OneAtATime(Runnable work) {
        this.work = work;
    }

    /** Does the work here, unless it is being done. */
    void run() {
        if (calls.getAndIncrement() == 0) {
            drain();
        }
    }

    /** Has the work done elsewhere. */
    void runOn(Executor executor) {
        if (calls.getAndIncrement() == 0) {
            executor.execute(this::drain);
        }
    }

    private void drain() {
        var seen = calls.get();
        do {
            work.run();
            seen = calls.addAndGet(-seen);
        } while (seen != 0);
    }
}
