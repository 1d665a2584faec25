package dev.hawse.stream;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeFailure;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of an {@link EventLog}. Its sink is called by one thread at a time. A sink that throws is closed, and nobody else
 * hears of it.
 */
public final class EventReader implements Registration {

    private static final Logger log = LoggerFactory.getLogger(EventReader.class);
    private static final int PAGE = 256;

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
    /** Changed only by whoever pumps, or while the store is asked, by whom that is done. */
    private volatile long next;

    private volatile boolean loading;
    /** What the store had, not given yet. */
    private final AtomicReference<@Nullable Queue<EventLog.Numbered>> page = new AtomicReference<>();

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
        var loaded = page.get();
        if (loaded != null && !loaded.isEmpty()) {
            give(loaded.poll());
            return true;
        }
        if (loading) {
            return false;
        }
        return switch (events.find(next)) {
            case EventLog.Found.Nothing() -> false;
            case EventLog.Found.Here(EventLog.Numbered event) -> {
                give(event);
                yield true;
            }
            case EventLog.Found.Stored() -> {
                load();
                yield false;
            }
            case EventLog.Found.Gone(long oldest) -> {
                cutOff(oldest);
                yield false;
            }
        };
    }

    private void give(EventLog.Numbered event) {
        next = event.sequence() + 1;
        // Taken back before the call, so that a resume during it is not overwritten after it.
        wanted = false;
        if (sink.event(event)) {
            wanted = true;
        }
    }

    private void load() {
        loading = true;
        events.load(next, PAGE, new EventLog.Page() {
            @Override
            public void loaded(List<EventLog.Numbered> found, long from) {
                page.set(new ArrayDeque<>(found));
                next = from;
                loading = false;
                pump();
            }

            @Override
            public void failed(RuntimeFailure failure) {
                close();
                sink.cutOff(failure);
            }
        });
    }

    private void cutOff(long oldest) {
        close();
        sink.cutOff(RuntimeFailure.of(
                Reason.READER_TOO_SLOW,
                "events " + next + " to " + (oldest - 1) + " are no longer kept; list what there is and go on from "
                        + oldest,
                Map.of("resume_from", Long.toString(oldest))));
    }
}
