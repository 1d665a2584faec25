package dev.hawse.stream;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The last events of all engines under numbers that only grow, also from one life of the server to the next. Bounded; safe
 * for use by any number of threads; nothing here blocks.
 */
public final class EventLog {

    /** How many events are kept. */
    public static final int KEPT = 4096;

    private final @Nullable Numbered[] ring = new Numbered[KEPT];
    private final List<EventReader> readers = new CopyOnWriteArrayList<>();
    private final long first;
    private long next;

    /** An event and its number. */
    public record Numbered(long sequence, RuntimeEvent event) {}

    /**
     * An empty log.
     *
     * @param first the first number; a clock in microseconds keeps lives of the server apart, since no server has a million
     *     events a second
     */
    public EventLog(long first) {
        this.first = first;
        this.next = first;
    }

    public void append(RuntimeEvent event) {
        synchronized (this) {
            ring[slot(next)] = new Numbered(next, event);
            next++;
        }
        readers.forEach(EventReader::pump);
    }

    /** The number that the next event will have at the least. */
    public synchronized long next() {
        return next;
    }

    synchronized long oldest() {
        return Math.max(first, next - KEPT);
    }

    /** The event with this number; null when there is none yet, or no longer. */
    synchronized @Nullable Numbered at(long sequence) {
        return sequence < oldest() || sequence >= next ? null : ring[slot(sequence)];
    }

    /**
     * A reader of everything from a number on. Its sink is not called before its first {@link EventReader#resume()}.
     *
     * @param from null for what comes from now on
     * @throws RuntimeFailure with {@link Reason#SEQUENCE_OUT_OF_RANGE} when events from there on are no longer kept, or
     *     the number is one that no event has been promised yet
     */
    public EventReader read(@Nullable Long from, EventReader.Sink sink) {
        EventReader reader;
        synchronized (this) {
            if (from != null && (from < oldest() || from > next)) {
                throw RuntimeFailure.of(
                        Reason.SEQUENCE_OUT_OF_RANGE,
                        "from_sequence: " + from + " is not kept; " + oldest() + " to " + next
                                + " are. List what there is, then watch from now",
                        Map.of("oldest", Long.toString(oldest()), "newest", Long.toString(next - 1)));
            }
            reader = new EventReader(this, from == null ? next : from, sink);
        }
        readers.add(reader);
        return reader;
    }

    void remove(EventReader reader) {
        readers.remove(reader);
    }

    private static int slot(long sequence) {
        return (int) Math.floorMod(sequence, (long) KEPT);
    }
}
