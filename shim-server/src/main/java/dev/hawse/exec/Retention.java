package dev.hawse.exec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands that have ended, until their time is over; the oldest go sooner when there are too many, or when they hold too
 * much. Safe for use by any number of threads; nothing here blocks.
 */
final class Retention {

    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    static final int MOST = 4096;
    static final long MOST_BYTES = 256L << 20;

    private final long nanos;
    private final Consumer<Exec> forget;
    private final Queue<Kept> kept = new PriorityQueue<>();
    private long bytes;

    private record Kept(Exec exec, long bytes, long until) implements Comparable<Kept> {
        /** Those that ended first come first, in whatever order they were told of. */
        @Override
        public int compareTo(Kept other) {
            return Long.signum(until - other.until);
        }
    }

    /** @param forget called once for each, without a lock */
    Retention(Duration time, ScheduledExecutorService timer, Consumer<Exec> forget) {
        this.nanos = time.toNanos();
        this.forget = forget;
        var pace = Math.clamp(nanos / 10, TimeUnit.MILLISECONDS.toNanos(100), TimeUnit.SECONDS.toNanos(30));
        var _ = timer.scheduleWithFixedDelay(this::sweep, pace, pace, TimeUnit.NANOSECONDS);
    }

    void keep(Exec exec) {
        keep(exec, Duration.ZERO);
    }

    /** @param since how long ago it ended */
    void keep(Exec exec, Duration since) {
        var held = exec.weight();
        synchronized (this) {
            kept.add(new Kept(exec, held, System.nanoTime() + nanos - since.toNanos()));
            bytes += held;
        }
        sweep();
    }

    private void sweep() {
        over().forEach(exec -> {
            try {
                forget.accept(exec);
            } catch (RuntimeException e) {
                log.error("{} was not forgotten in time", exec, e);
            }
        });
    }

    private synchronized List<Exec> over() {
        var now = System.nanoTime();
        var over = new ArrayList<Exec>();
        for (var next = kept.peek();
                next != null && (next.until() - now <= 0 || kept.size() > MOST || bytes > MOST_BYTES);
                next = kept.peek()) {
            kept.remove();
            bytes -= next.bytes();
            over.add(next.exec());
        }
        return over;
    }
}
