package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Registration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a spool's story to a log file. Takes chunks as they come and writes them on an executor, one task at a time; when
 * the disk is slower than the process, it holds the process back. When the disk takes nothing more, the process goes on
 * and the log has a hole, which the server's own log tells of.
 */
final class LogWriter implements OutputSink, Registration {

    private static final Logger log = LoggerFactory.getLogger(LogWriter.class);

    /** Chunks taken and not yet written; beyond it the spool is held back. */
    private static final int MAX_PENDING = 64;

    private final Path path;
    private final Executor workers;
    private final ArrayDeque<ByteBuffer> pending = new ArrayDeque<>();
    private final List<Runnable> grown = new CopyOnWriteArrayList<>();
    private Runnable onEnd = () -> {};
    private @Nullable SpoolReader reader;
    private @Nullable FileChannel file;
    private boolean writing;
    private boolean ending;
    private boolean paused;
    private boolean failed;
    private volatile boolean ended;

    LogWriter(Path path, Executor workers) {
        this.path = path;
        this.workers = workers;
    }

    void onEnd(Runnable action) {
        onEnd = action;
    }

    void follow(Spool spool) throws IOException {
        var channel = FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ));
        channel.truncate(LogFile.wholeLength(channel));
        channel.position(channel.size());
        file = channel;
        var r = spool.readLossless(this);
        synchronized (this) {
            reader = r;
        }
        r.resume();
    }

    /** Calls back, on any thread, when there is more to read, and once after the end. */
    void onGrowth(Runnable action) {
        grown.add(action);
    }

    void forget(Runnable action) {
        grown.remove(action);
    }

    /** Whether everything has been written and nothing will come. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public boolean output(OutputKind stream, long offset, byte[] bytes) {
        synchronized (this) {
            pending.add(LogFile.encode(stream, Instant.now(Clock.systemUTC()), bytes));
            schedule();
            paused = pending.size() >= MAX_PENDING;
            return !paused;
        }
    }

    @Override
    public void gap(OutputKind stream, long from, long to) {
        throw new IllegalStateException("a lossless reader has no gaps");
    }

    @Override
    public void exited(ProcessExit exit) {
        synchronized (this) {
            ending = true;
            schedule();
        }
    }

    /** Takes no more; what was taken is still written. */
    @Override
    public void close() {
        synchronized (this) {
            if (reader != null) {
                reader.close();
            }
            ending = true;
            schedule();
        }
    }

    private void schedule() {
        if (!writing) {
            writing = true;
            workers.execute(this::work);
        }
    }

    private void work() {
        while (true) {
            List<ByteBuffer> batch;
            SpoolReader resume;
            synchronized (this) {
                if (pending.isEmpty()) {
                    writing = false;
                    if (ending && !ended) {
                        finish();
                    }
                    return;
                }
                batch = new ArrayList<>(pending);
                pending.clear();
                resume = paused ? reader : null;
                paused = false;
            }
            write(batch);
            grown.forEach(Runnable::run);
            if (resume != null) {
                resume.resume();
            }
        }
    }

    private void write(List<ByteBuffer> batch) {
        var to = file;
        if (failed || to == null) {
            return;
        }
        long whole = -1;
        try {
            whole = to.position();
            var buffers = batch.toArray(ByteBuffer[]::new);
            var last = buffers[buffers.length - 1];
            while (last.hasRemaining()) {
                to.write(buffers);
            }
        } catch (IOException e) {
            log.error("the log {} takes nothing more; what its container writes from now on is not kept", path, e);
            failed = true;
            cut(to, whole);
        }
    }

    private static void cut(FileChannel file, long length) {
        try {
            if (length >= 0) {
                file.truncate(length);
            }
        } catch (IOException e) {
            log.debug("a torn record stays at the end; readers stop there", e);
        }
    }

    private void finish() {
        ended = true;
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            log.warn("the log {} was not closed", path, e);
        }
        onEnd.run();
        grown.forEach(Runnable::run);
    }
}
