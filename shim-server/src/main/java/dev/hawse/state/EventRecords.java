package dev.hawse.state;

import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.stream.EventLog;
import dev.hawse.stream.EventStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events in the store, within a number and an age. The numbers that a life gives away are reserved on the disk before, in
 * blocks, so that not even the end of the host makes one stand for two events; what a life does not use is a hole. Only the
 * very first number comes from the clock.
 */
public final class EventRecords implements EventStore {

    private static final Logger log = LoggerFactory.getLogger(EventRecords.class);
    private static final String RESERVED = "event.reserved";
    private static final String OLDEST = "event.oldest";
    private static final long BLOCK = 1 << 20;
    private static final int WRITES_BETWEEN_PRUNES = 256;

    private final StateStore store;
    private final Clock clock;
    private final int keptEvents;
    private final Duration keptFor;
    private final boolean fresh;
    private final long first;
    private volatile long oldest;
    /** What is below may be given away. */
    private volatile long reserved;

    /** Of the writer alone. */
    private int writes;

    private EventRecords(
            StateStore store,
            Clock clock,
            int keptEvents,
            Duration keptFor,
            boolean fresh,
            long first,
            long oldest,
            long reserved) {
        this.store = store;
        this.clock = clock;
        this.keptEvents = keptEvents;
        this.keptFor = keptFor;
        this.fresh = fresh;
        this.first = first;
        this.oldest = oldest;
        this.reserved = reserved;
    }

    static EventRecords open(StateStore store, Clock clock, int keptEvents, Duration keptFor) {
        var reserved = store.read(c -> Values.get(c, RESERVED)).map(Long::parseLong);
        var ofClock = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        var first = reserved.orElse(ofClock);
        var oldest = store.read(c -> Values.get(c, OLDEST)).map(Long::parseLong).orElse(first);
        var records =
                new EventRecords(store, clock, keptEvents, keptFor, reserved.isEmpty(), first, oldest, first + BLOCK);
        try {
            store.change(Writer.Durability.HOST, c -> {
                        Values.put(c, RESERVED, Long.toString(first + BLOCK));
                        Values.put(c, OLDEST, Long.toString(oldest));
                        records.prune(c);
                    })
                    .join();
            return records;
        } catch (CompletionException e) {
            // A full disk must not keep the server from starting: it may be what frees some. The clock is the best
            // there is.
            log.error("events are not kept for now: {}", e.getMessage());
            return new EventRecords(
                    store, clock, keptEvents, keptFor, reserved.isEmpty(), Math.max(first, ofClock), oldest, 0);
        }
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long oldest() {
        return oldest;
    }

    @Override
    public boolean isFresh() {
        return fresh;
    }

    @Override
    public List<Told> told() {
        return store.read(c -> Sql.list(
                c,
                row -> new Told(
                        row.getString("container"),
                        row.getString("runtime"),
                        Phase.valueOf(row.getString("phase")),
                        row.getLong("run"),
                        Sql.instant(row, "at")),
                "SELECT * FROM told"));
    }

    @Override
    public CompletableFuture<Void> write(List<Entry> entries, @Nullable Long completeFrom) {
        var last = entries.isEmpty() ? first : entries.getLast().numbered().sequence();
        // Long before they are used up, so that they are on the disk by then though this write itself may not be.
        var wanted = last + BLOCK / 2 > reserved ? last + BLOCK : reserved;
        var written = store.change(Writer.Durability.PROCESS, c -> {
            if (wanted > reserved) {
                Values.put(c, RESERVED, Long.toString(wanted));
            }
            var now = clock.instant();
            for (var entry : entries) {
                insert(c, entry.numbered(), now);
                if (entry.told() != null) {
                    note(c, entry.told());
                }
            }
            if (completeFrom != null) {
                oldest(c, completeFrom);
            }
            if (writes++ % WRITES_BETWEEN_PRUNES == 0) {
                prune(c);
            }
        });
        return written.thenRun(() -> reserved = wanted);
    }

    private void prune(Connection c) throws SQLException {
        var most = Sql.number(c, "SELECT sequence FROM event ORDER BY sequence DESC LIMIT 1 OFFSET ?", keptEvents);
        var old = Sql.number(
                c,
                "SELECT max(sequence) FROM event WHERE written_at < ?",
                clock.instant().minus(keptFor));
        var gone = Math.max(most, old);
        if (gone >= oldest) {
            Sql.update(c, "DELETE FROM event WHERE sequence <= ?", gone);
            oldest(c, gone + 1);
        }
    }

    /** That it is told of before it is committed does no harm: what is gone was old. */
    private void oldest(Connection c, long sequence) throws SQLException {
        Values.put(c, OLDEST, Long.toString(sequence));
        oldest = sequence;
    }

    private static void insert(Connection c, EventLog.Numbered numbered, Instant now) throws SQLException {
        var event = numbered.event();
        Sql.update(
                c,
                "INSERT OR REPLACE INTO event (sequence, at, written_at, type, runtime, container, exec, image, exit)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                numbered.sequence(),
                event.time(),
                now,
                event.type().name(),
                event.runtime().name(),
                event.containerId(),
                event.execId(),
                event.image(),
                ExitText.write(event.exit()));
    }

    @Override
    public CompletableFuture<Void> note(Told told) {
        return store.change(Writer.Durability.PROCESS, c -> note(c, told));
    }

    private static void note(Connection c, Told told) throws SQLException {
        if (told.phase() == Phase.REMOVED) {
            Sql.update(c, "DELETE FROM told WHERE container = ?", told.container());
        } else {
            Sql.update(
                    c,
                    "INSERT OR REPLACE INTO told (container, runtime, phase, run, at) VALUES (?, ?, ?, ?, ?)",
                    told.container(),
                    told.runtime(),
                    told.phase().name(),
                    told.run(),
                    told.at());
        }
    }

    /** @throws RuntimeFailure when the file cannot be read */
    @Override
    public List<EventLog.Numbered> read(long from, int most) {
        return store.read(c -> Sql.list(
                c, EventRecords::row, "SELECT * FROM event WHERE sequence >= ? ORDER BY sequence LIMIT ?", from, most));
    }

    private static EventLog.Numbered row(ResultSet row) throws SQLException {
        var event = new RuntimeEvent(
                RuntimeEvent.Type.valueOf(row.getString("type")),
                RuntimeKind.valueOf(row.getString("runtime")),
                Sql.instant(row, "at"),
                row.getString("container"),
                row.getString("exec"),
                row.getString("image"),
                ExitText.read(row.getString("exit")));
        return new EventLog.Numbered(row.getLong("sequence"), event);
    }
}
