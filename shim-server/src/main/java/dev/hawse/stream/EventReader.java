package dev.hawse.stream;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeFailure;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of an {@link EventLog}. Its sink is called by one thread at a time. A sink that throws is closed, and nobody else
 * hears of it.
 */
public final class EventReader implements Registration {

    private static final Logger log = LoggerFactory.getLogger(EventReader.class);

    /** Takes events; must not block. */
    public interface Sink {
        /** Takes the next event and says whether more is wanted now; after false nothing comes until {@link EventReader#resume()}. */
        boolean event(EventLog.Numbered event);

        /** The reader fell so far behind that events are lost to it; nothing comes after this. */
        void cutOff(RuntimeFailure failure);
    }

    private final EventLog events;
    private final Sink sink;
    private final OneAtATime pump = new OneAtATime(this::deliver);
    private volatile boolean wanted;
    private volatile boolean closed;
    /** Changed only by whoever pumps. */
    private volatile long next;

    EventReader(EventLog events, long from, Sink sink) {
        this.events = events;
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
        events.remove(this);
    }

    void pump() {
        pump.run();
    }

    private void deliver() {
        try {
            while (wanted && !closed && give()) {}
        } catch (RuntimeException | Error e) {
            log.error("a reader of events failed and gets no more of them", e);
            close();
        }
    }

    /** Gives the next event, and says whether there was one. */
    private boolean give() {
        var oldest = events.oldest();
        if (next < oldest) {
            close();
            sink.cutOff(RuntimeFailure.of(
                    Reason.READER_TOO_SLOW,
                    "events " + next + " to " + (oldest - 1) + " are no longer kept; list what there is and go on from "
                            + oldest,
                    Map.of("resume_from", Long.toString(oldest))));
            return false;
        }
        var event = events.at(next);
        if (event == null) {
            return false;
        }
        next = event.sequence() + 1;
        // Taken back before the call, so that a resume during it is not overwritten after it.
        wanted = false;
        if (sink.event(event)) {
            wanted = true;
        }
        return true;
    }
}
