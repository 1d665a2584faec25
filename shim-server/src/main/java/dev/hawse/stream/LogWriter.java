package dev.hawse.stream;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Registration;
import dev.hawse.stream.LogFile.Piece;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a spool's story to a log file. Takes chunks as they come and writes them on an executor, one task at a time; when
 * the disk is slower than the process, it holds the process back. While the disk takes nothing more, the process goes on
 * and the log has a hole, which the server's own log tells of.
 */
final class LogWriter implements OutputSink, Registration {

    private static final Logger log = LoggerFactory.getLogger(LogWriter.class);

    /** What may be taken and not yet written, in bytes; beyond it the spool is held back. */
    private static final long MAX_PENDING = 256 << 10;

    private final Path path;
    private final Executor workers;
    private final Spool spool;
    private final @Nullable CompletableFuture<Void> previous;
    private final SpoolReader reader;
    private final List<Runnable> grown = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final OneAtATime work = new OneAtATime(this::work);

    private List<Piece> pending = new ArrayList<>();
    private long pendingBytes;
    private boolean paused;
    private boolean ending;
    private long stdoutSeen;
    private long stderrSeen;
    private long stdoutWanted = Long.MAX_VALUE;
    private long stderrWanted = Long.MAX_VALUE;

    private @Nullable LogFile file;
    private boolean failing;
    private volatile long written = -1;
    private volatile boolean ended;

    /**
     * A writer that has not begun.
     *
     * @param previous who may still be writing to the same file; null when nobody is
     */
    LogWriter(Path path, Executor workers, Spool spool, @Nullable LogWriter previous) {
        this.path = path;
        this.workers = workers;
        this.spool = spool;
        this.previous = previous == null ? null : previous.end;
        this.stdoutSeen = spool.stdoutBytes();
        this.stderrSeen = spool.stderrBytes();
        this.reader = spool.readLossless(this);
    }

    /** Begins, once whoever wrote to the file before has ended. */
    void begin() {
        reader.resume();
        if (previous == null) {
            schedule();
        } else {
            var _ = previous.thenRun(this::schedule);
        }
    }

    /** Calls back, on any thread, when there is more to read, and once after the end. */
    void onGrowth(Runnable action) {
        grown.add(action);
    }

    void forget(Runnable action) {
        grown.remove(action);
    }

    /** Where in the file the last whole record ends; negative before the first look at it. */
    long written() {
        return written;
    }

    /** Completes when everything has been written and nothing will come, and readers have been called. */
    CompletableFuture<Void> end() {
        return end.copy();
    }

    boolean hasEnded() {
        return ended;
    }

    @Override
    public boolean output(OutputKind stream, long offset, byte[] bytes) {
        boolean more;
        synchronized (this) {
            if (ending) {
                return false;
            }
            pending.add(new Piece(stream, Instant.now(Clock.systemUTC()), bytes));
            pendingBytes += bytes.length + Spool.CHUNK_OVERHEAD;
            if (stream == OutputKind.STDOUT) {
                stdoutSeen = offset + bytes.length;
            } else {
                stderrSeen = offset + bytes.length;
            }
            endWhenAllIsSeen();
            paused = pendingBytes >= MAX_PENDING;
            more = !paused;
        }
        schedule();
        return more;
    }

    @Override
    public void gap(OutputKind stream, long from, long to, GapCause cause) {
        throw new IllegalStateException("a lossless reader has no gaps");
    }

    @Override
    public void exited(ProcessExit exit) {
        synchronized (this) {
            ending = true;
        }
        schedule();
    }

    /** Takes no more than the spool holds now; that is still written. */
    @Override
    public void close() {
        synchronized (this) {
            stdoutWanted = Math.min(stdoutWanted, spool.stdoutBytes());
            stderrWanted = Math.min(stderrWanted, spool.stderrBytes());
            endWhenAllIsSeen();
        }
        schedule();
    }

    private void endWhenAllIsSeen() {
        if (stdoutSeen >= stdoutWanted && stderrSeen >= stderrWanted) {
            ending = true;
        }
    }

    private void schedule() {
        work.runOn(workers);
    }

    private void work() {
        if (ended || (previous != null && !previous.isDone())) {
            return;
        }
        List<Piece> batch;
        boolean last;
        boolean resume;
        synchronized (this) {
            batch = pending;
            pending = new ArrayList<>();
            pendingBytes = 0;
            last = ending;
            resume = paused;
            paused = false;
        }
        write(batch);
        if (last) {
            finish();
        } else if (resume) {
            reader.resume();
        }
        grown.forEach(Runnable::run);
        if (last) {
            // Only now: who waits for the end may take the workers away, which readers need to hear of it.
            end.complete(null);
        }
    }

    private void write(List<Piece> batch) {
        try {
            var to = file;
            if (to == null || !to.isOpen()) {
                to = LogFile.write(path);
                file = to;
            }
            try {
                to.append(batch);
            } finally {
                written = to.end();
            }
            if (failing && !batch.isEmpty()) {
                failing = false;
                log.warn("the log {} takes bytes again; what its container wrote meanwhile is not in it", path);
            }
        } catch (IOException e) {
            if (!failing) {
                log.error("the log {} takes nothing; what its container writes is not kept", path, e);
            }
            failing = true;
        }
    }

    private void finish() {
        reader.close();
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            log.warn("the log {} was not closed", path, e);
        }
        ended = true;
    }
}
