package dev.hawse.state;

import dev.hawse.runtime.RuntimeFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server must not forget, in one file of a directory that is its alone. Safe for use by any number of threads; the
 * caller sees to it that no other process opens the same directory. What is written survives the end of this process at
 * once, and that of the host where it says so. When the disk is full or read-only writes fail and reads go on; when there
 * is room again so do writes. Closing it writes what waits first.
 */
public final class StateStore implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StateStore.class);

    private final Database database;
    private final Connection writes;
    private final Connection reads;
    private final Writer writer;
    private final ExecutorService tellers;
    private final ReentrantLock reading = new ReentrantLock();
    private final ExecRecords execs;
    private final Clock clock;

    private StateStore(Database database, Connection writes, Connection reads, Clock clock) {
        this.database = database;
        this.writes = writes;
        this.reads = reads;
        this.clock = clock;
        this.tellers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("state-", 0).factory());
        this.writer = new Writer(writes, database.dir(), tellers);
        this.execs = new ExecRecords(this, clock);
    }

    /**
     * Opens the store of a directory, or makes one. A file that is damaged is set aside for a new one; see
     * {@link #warning}.
     *
     * @throws StateException when it was written by a newer version, or cannot be opened or made
     */
    public static StateStore open(Path dir) throws StateException {
        return open(dir, Clock.systemUTC());
    }

    static StateStore open(Path dir, Clock clock) throws StateException {
        var database = new Database(dir, clock);
        var writes = database.open();
        try {
            return new StateStore(database, writes, database.reader(), clock);
        } catch (SQLException e) {
            close(writes);
            throw new StateException("cannot open " + dir + ": " + Database.describe(e), e);
        }
    }

    public ExecRecords execs() {
        return execs;
    }

    /**
     * The log of events, which begins where the last life's has ended. To be called once.
     *
     * @param keptEvents the most events that are kept
     * @param keptFor how long they are kept
     */
    public EventRecords events(int keptEvents, Duration keptFor) {
        return EventRecords.open(this, clock, keptEvents, keptFor);
    }

    /** What an operator should know: that a damaged file was set aside, and what that means. */
    public Optional<String> warning() {
        return database.warning();
    }

    <T> CompletableFuture<T> write(Writer.Durability durability, Writer.Work<T> work) {
        return writer.submit(durability, work);
    }

    CompletableFuture<Void> change(Writer.Durability durability, Writer.Change change) {
        return write(durability, c -> {
                    change.on(c);
                    return true;
                })
                .thenAccept(_ -> {});
    }

    <T> T read(Writer.Work<T> work) {
        reading.lock();
        try {
            return work.on(reads);
        } catch (SQLException e) {
            throw RuntimeFailure.internal("cannot read " + database.dir() + ": " + Database.describe(e), e);
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void close() {
        writer.close();
        reading.lock();
        try {
            close(reads);
        } finally {
            reading.unlock();
        }
        close(writes);
        tellers.shutdown();
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.warn("the state's file could not be closed: {}", e.getMessage());
        }
    }
}
