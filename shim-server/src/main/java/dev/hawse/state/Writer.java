package dev.hawse.state;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteException;

/**
 * The one thread that writes. What waits is written in one transaction, so that many writes cost the disk as much as one.
 * Whoever waits for a write is told on a thread of its own, and may block on it.
 */
final class Writer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Writer.class);
    private static final int MOST_WAITING = 4096;
    private static final int MOST_TOGETHER = 256;

    /** How long what needs not be on the disk may stay in the kernel's memory. */
    private static final long LAG_MILLIS = 200;

    private final Connection connection;
    private final Path dir;
    private final Executor tellers;
    private final BlockingQueue<Write<?>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Thread thread;
    private volatile boolean closing;

    /** Of the writer alone, as what follows. */
    private boolean unsynced;

    private boolean full = true;
    private boolean failing;

    /** What is to be written; may be run again when its first transaction was undone. */
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** As {@link Work}, with nothing to answer. */
    interface Change {
        void on(Connection connection) throws SQLException;
    }

    /** What survives. */
    enum Durability {
        /** The end of this process, at once; the end of the host soon. */
        PROCESS,
        /** The end of the host: on the disk before whoever waits is told. */
        HOST
    }

    Writer(Connection connection, Path dir, Executor tellers) {
        this.connection = connection;
        this.dir = dir;
        this.tellers = tellers;
        this.thread = Thread.ofPlatform().name("hawse-state").daemon().start(this::run);
    }

    /** Completes when it has been written, or fails with a {@link RuntimeFailure} and nothing written. Never blocks. */
    <T> CompletableFuture<T> submit(Durability durability, Work<T> work) {
        var write = new Write<>(durability, work);
        if (closing) {
            return CompletableFuture.failedFuture(closed());
        }
        if (!waiting.offer(write)) {
            return CompletableFuture.failedFuture(RuntimeFailure.of(
                    Reason.LIMIT_REACHED,
                    MOST_WAITING + " writes to " + dir + " wait for the disk already; try again later"));
        }
        if (closing && waiting.remove(write)) {
            // It came when the thread had gone already.
            return CompletableFuture.failedFuture(closed());
        }
        return write.told;
    }

    static RuntimeFailure closed() {
        return RuntimeFailure.of(Reason.SHUTTING_DOWN, "the server was closed");
    }

    private void run() {
        var batch = new ArrayList<Write<?>>();
        while (!closing || !waiting.isEmpty()) {
            try {
                var first = waiting.poll(LAG_MILLIS, TimeUnit.MILLISECONDS);
                if (first == null) {
                    sync();
                    continue;
                }
                batch.add(first);
                waiting.drainTo(batch, MOST_TOGETHER - 1);
                write(batch);
            } catch (InterruptedException e) {
                closing = true;
            } finally {
                batch.forEach(write -> tellers.execute(write::tell));
                batch.clear();
            }
        }
        sync();
    }

    /** Together, or one by one when one of them spoils it for the others. */
    private void write(List<Write<?>> batch) {
        var failure = transaction(batch);
        if (failure == null) {
            return;
        }
        if (batch.size() == 1) {
            batch.getFirst().fail(failure(failure));
            return;
        }
        for (var write : batch) {
            write(List.of(write));
        }
    }

    private @Nullable Exception transaction(List<Write<?>> batch) {
        try {
            durability(batch.stream().anyMatch(write -> write.durability == Durability.HOST));
            Database.execute(connection, "BEGIN IMMEDIATE");
            for (var write : batch) {
                write.run(connection);
            }
            Database.execute(connection, "COMMIT");
            unsynced = !full;
            if (failing) {
                failing = false;
                log.info("{} can be written again", dir);
            }
            return null;
        } catch (SQLException | RuntimeException e) {
            rollBack();
            return e;
        }
    }

    private void rollBack() {
        try {
            Database.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // Of some failures SQLite has rolled back already.
            log.debug("nothing to roll back: {}", e.getMessage());
        }
    }

    private void durability(boolean onDisk) throws SQLException {
        if (onDisk != full) {
            Database.execute(connection, "PRAGMA synchronous = " + (onDisk ? "FULL" : "NORMAL"));
            full = onDisk;
        }
    }

    private void sync() {
        if (!unsynced) {
            return;
        }
        unsynced = false;
        // A commit that is synchronous takes those before it along.
        var _ = transaction(List.of(new Write<>(Durability.HOST, c -> {
            Values.put(c, "synced", "");
            return true;
        })));
    }

    /** What SQLite says, in words that help. */
    private RuntimeFailure failure(Exception e) {
        if (!(e instanceof SQLiteException sqlite)) {
            return e instanceof RuntimeFailure failure ? failure : RuntimeFailure.internal(e.toString(), e);
        }
        return switch (Database.primary(sqlite)) {
            case SQLITE_FULL -> noSpace(e);
            case SQLITE_READONLY, SQLITE_PERM -> readOnly(e);
            case SQLITE_IOERR, SQLITE_CANTOPEN -> ofDisk(sqlite);
            default -> unknown(sqlite);
        };
    }

    /** SQLite's code does not say what is wrong with the disk; the kernel does. */
    private RuntimeFailure ofDisk(SQLiteException e) {
        var probe = dir.resolve("probe");
        try {
            Files.write(probe, new byte[8 << 10]);
        } catch (FileSystemException disk) {
            e.addSuppressed(disk);
            var reason = String.valueOf(disk.getReason());
            if (reason.equals("Read-only file system")) {
                return readOnly(e);
            }
            if (reason.equals("No space left on device") || reason.equals("Disk quota exceeded")) {
                return noSpace(e);
            }
        } catch (IOException disk) {
            if (String.valueOf(disk.getMessage()).equals("No space left on device")) {
                return noSpace(e);
            }
            e.addSuppressed(disk);
        } finally {
            var _ = probe.toFile().delete();
        }
        return unknown(e);
    }

    private RuntimeFailure unknown(SQLiteException e) {
        logFirst(e);
        return RuntimeFailure.internal("cannot write to " + dir + ": " + Database.describe(e), e);
    }

    /** Each write fails until somebody has done something: once is enough. */
    private void logFirst(Exception e) {
        if (!failing) {
            failing = true;
            log.error("{} cannot be written", dir, e);
        }
    }

    private RuntimeFailure noSpace(Exception e) {
        logFirst(e);
        return RuntimeFailure.of(
                Reason.STATE_FULL,
                "no space in " + dir + ", and what was asked for must be remembered; free some",
                Map.of("directory", dir.toString()),
                e);
    }

    private RuntimeFailure readOnly(Exception e) {
        logFirst(e);
        return RuntimeFailure.of(
                Reason.STATE_UNAVAILABLE,
                dir + " is read-only, and what was asked for must be remembered; make it writable",
                Map.of("directory", dir.toString()),
                e);
    }

    /** Writes what waits, then ends. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Write<T> {
        private final Durability durability;
        private final Work<T> work;
        private final CompletableFuture<T> told = new CompletableFuture<>();
        private @Nullable T result;
        private @Nullable RuntimeFailure failure;

        Write(Durability durability, Work<T> work) {
            this.durability = durability;
            this.work = work;
        }

        void run(Connection connection) throws SQLException {
            result = work.on(connection);
        }

        void fail(RuntimeFailure why) {
            failure = why;
        }

        @SuppressWarnings("NullAway") // set by run, whose work answers something
        void tell() {
            if (failure != null) {
                told.completeExceptionally(failure);
            } else {
                told.complete(result);
            }
        }
    }
}
