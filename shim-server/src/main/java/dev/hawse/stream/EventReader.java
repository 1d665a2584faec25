package dev.hawse.stream;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeFailure;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One reader of an {@link EventLog}. Its sink is called by one thread at a time. */
public final class EventReader implements Registration {

    /** Takes events; must not block. */
    public interface Sink {
        /** Takes the next event and says whether more is wanted now; after false nothing comes until {@link EventReader#resume()}. */
        boolean event(EventLog.Numbered event);

        /** The reader fell so far behind that events are lost to it; nothing comes after this. */
        void cutOff(RuntimeFailure failure);
    }

    private final EventLog log;
    private final Sink sink;
    private final AtomicInteger pumping = new AtomicInteger();
    private volatile boolean wanted;
    private volatile boolean closed;
    /** Changed only by whoever pumps. */
    private volatile long next;

    EventReader(EventLog log, long from, Sink sink) {
        this.log = log;
        this.next = from;
        this.sink = sink;
    }

    /** Lets events come, at first and after the sink has wanted no more. */
    public void resume() {
        wanted = true;
        pump();
    }

    /** The number of the event that is delivered next. */
    public long next() {
        return next;
    }

    @Override
    public void close() {
        closed = true;
        log.remove(this);
    }

    void pump() {
        if (pumping.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            deliver();
            missed = pumping.addAndGet(-missed);
        } while (missed != 0);
    }

    private void deliver() {
        while (wanted && !closed) {
            var oldest = log.oldest();
            if (next < oldest) {
                close();
                sink.cutOff(RuntimeFailure.of(
                        Reason.READER_TOO_SLOW,
                        "events " + next + " to " + (oldest - 1)
                                + " are no longer kept; list what there is and go on from " + oldest,
                        Map.of("resume_from", Long.toString(oldest))));
                return;
            }
            var event = log.at(next);
            if (event == null) {
                return;
            }
            next = event.sequence() + 1;
            wanted = false;
            if (sink.event(event)) {
                wanted = true;
            }
        }
    }
}
