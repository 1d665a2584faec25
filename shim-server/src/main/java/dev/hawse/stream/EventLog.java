package dev.hawse.stream;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of all engines under numbers that only grow, also from one life of the server to the next, and whatever the
 * clock does. The newest are in memory; a store, when there is one, has more of them. Safe for use by any number of
 * threads; nothing here blocks.
 *
 * <p>With a store, nobody is told of an event before it is kept: what one reader was told the next life's readers find
 * again. When the store cannot write, or falls far behind, readers are told nevertheless: who
 * keeps up is never cut off for a slow disk.
 */
public final class EventLog {

    private static final Logger log = LoggerFactory.getLogger(EventLog.class);

    /** How many events are in memory. */
    public static final int KEPT = 4096;

    /** How many events wait for the store at most before they are told. */
    private static final int MOST_UNTOLD = KEPT / 2;

    private static final int WRITTEN_TOGETHER = 512;

    private final EventStore.@Nullable Entry[] ring = new EventStore.Entry[KEPT];
    private final List<EventReader> readers = new CopyOnWriteArrayList<>();
    private final @Nullable EventStore store;
    private final Executor workers;
    private final long first;
    private long next;
    /** What is below may be told. */
    private long visible;
    /** What is below is in the store, as far as it is kept. */
    private long stored;

    /** What is below was handed to the store. */
    private long handed;

    private boolean writing;
    private boolean failing;

    /** An event and its number. */
    public record Numbered(long sequence, RuntimeEvent event) {}

    /** An empty log in memory alone. */
    public EventLog(long first) {
        this(first, null, Runnable::run);
    }

    /**
     * A log that goes on from what a store keeps.
     *
     * @param workers for reading the store: a thread per task
     */
    public EventLog(EventStore store, Executor workers) {
        this(store.first(), store, workers);
    }

    private EventLog(long first, @Nullable EventStore store, Executor workers) {
        this.first = first;
        this.next = first;
        this.visible = first;
        this.stored = first;
        this.handed = first;
        this.store = store;
        this.workers = workers;
    }

    public void append(RuntimeEvent event) {
        append(event, null);
    }

    /** @param told what is known to have been told by this event; null when that does not change */
    void append(RuntimeEvent event, EventStore.@Nullable Told told) {
        boolean tell;
        synchronized (this) {
            ring[slot(next)] = new EventStore.Entry(new Numbered(next, event), told);
            next++;
            tell = store == null || next - visible > MOST_UNTOLD;
            if (tell) {
                visible = next;
            }
        }
        if (tell) {
            pump();
        }
        if (store != null) {
            flush(store);
        }
    }

    /**
     * Nothing more is to be known of what was told of a container or a command, events that are not in the store yet
     * included: they get there without it.
     */
    synchronized void forget(EventStore.Told removed) {
        if (store == null) {
            return;
        }
        boolean comes = false;
        for (var sequence = Math.max(stored, inMemory()); sequence < next; sequence++) {
            var entry = ring[slot(sequence)];
            if (entry != null
                    && entry.told() != null
                    && entry.told().container().equals(removed.container())) {
                ring[slot(sequence)] = new EventStore.Entry(entry.numbered(), removed);
                comes = sequence >= handed;
            }
        }
        if (!comes) {
            var _ = store.note(removed);
        }
    }

    private void pump() {
        readers.forEach(EventReader::pump);
    }

    /** One write at a time; what comes meanwhile is the next one. */
    private void flush(EventStore store) {
        CompletableFuture<Void> write;
        long end;
        synchronized (this) {
            if (writing || stored == next) {
                return;
            }
            writing = true;
            var begin = Math.max(stored, inMemory());
            var completeFrom = begin > stored ? begin : null;
            end = Math.min(next, begin + WRITTEN_TOGETHER);
            handed = end;
            var batch = new ArrayList<EventStore.Entry>();
            for (var sequence = begin; sequence < end; sequence++) {
                var entry = ring[slot(sequence)];
                if (entry != null) {
                    batch.add(entry);
                }
            }
            // Under the lock, so that it is in one order with what is forgotten.
            write = store.write(batch, completeFrom);
        }
        var _ = write.handle((_, failure) -> {
            written(end, failure);
            pump();
            if (failure == null) {
                flush(store);
            }
            return true;
        });
    }

    private synchronized void written(long end, @Nullable Throwable failure) {
        writing = false;
        if (failure == null) {
            stored = end;
            visible = Math.max(visible, end);
            failing = false;
            return;
        }
        // What is missing in the store is written with the next event, as long as it is in memory.
        handed = stored;
        visible = next;
        if (!failing) {
            failing = true;
            log.error("events are not kept for now: {}", failure.getMessage());
        }
    }

    /** The number that the next event will have at the least. */
    public synchronized long next() {
        return next;
    }

    private long inMemory() {
        return Math.max(first, next - KEPT);
    }

    private long oldest() {
        return store == null ? inMemory() : Math.min(store.oldest(), inMemory());
    }

    /** What there is for a reader that wants this number next. */
    synchronized Found find(long sequence) {
        if (sequence >= visible) {
            return new Found.Nothing();
        }
        if (sequence >= inMemory()) {
            var entry = ring[slot(sequence)];
            return entry == null ? new Found.Nothing() : new Found.Here(entry.numbered());
        }
        return sequence < oldest() || sequence >= stored
                ? new Found.Gone(sequence < oldest() ? oldest() : inMemory())
                : new Found.Stored();
    }

    /** What a reader finds at a number. */
    sealed interface Found {
        record Nothing() implements Found {}

        record Here(Numbered event) implements Found {}

        /** The store has it, or one with a higher number. */
        record Stored() implements Found {}

        record Gone(long oldest) implements Found {}
    }

    /** Some of what the store has from a number on, on a worker; none only when memory has what comes next. */
    void load(long from, int most, Page page) {
        workers.execute(() -> {
            try {
                var found = store == null ? List.<Numbered>of() : store.read(from, most);
                page.loaded(found, found.isEmpty() ? afterHole(from) : from);
            } catch (RuntimeFailure e) {
                page.failed(e);
            }
        });
    }

    /** Numbers that were promised and never used lie between two lives. */
    private synchronized long afterHole(long from) {
        return Math.max(from, Math.min(stored, inMemory()));
    }

    /** Takes what the store had. */
    interface Page {
        /** @param next from where to go on when there was nothing */
        void loaded(List<Numbered> events, long next);

        void failed(RuntimeFailure failure);
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
