package dev.hawse.stream;

import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One caller's reading of a log. Works on the executor while there is something to read and the sink wants it, and holds no
 * thread in between.
 */
final class LogReader implements LogSession {

    private static final Logger log = LoggerFactory.getLogger(LogReader.class);

    private final Path path;
    private final LogQuery query;
    private final LogSink sink;
    private final @Nullable LogWriter writer;
    private final Executor workers;
    private final Runnable onGrowth = this::schedule;
    private final AtomicInteger scheduled = new AtomicInteger();
    private volatile boolean wanted;
    private volatile boolean closed;
    private @Nullable FileChannel file;
    private long position = -1;
    /** Bytes of the first record that the tail leaves out. */
    private int skip;

    /**
     * A reading that has not begun.
     *
     * @param writer who writes the log now; null when nobody does
     */
    LogReader(Path path, LogQuery query, LogSink sink, @Nullable LogWriter writer, Executor workers) {
        this.path = path;
        this.query = query;
        this.sink = sink;
        this.writer = writer;
        this.workers = workers;
        if (writer != null && query.follow()) {
            writer.onGrowth(onGrowth);
        }
    }

    @Override
    public void resume() {
        wanted = true;
        schedule();
    }

    @Override
    public void close() {
        closed = true;
        schedule();
    }

    private void schedule() {
        if (scheduled.getAndIncrement() == 0) {
            workers.execute(this::work);
        }
    }

    private void work() {
        int missed = scheduled.get();
        do {
            try {
                if (closed) {
                    free();
                } else {
                    read();
                }
            } catch (IOException e) {
                log.warn("the log {} could not be read", path, e);
                end(RuntimeFailure.internal("the log could not be read", e));
            }
            missed = scheduled.addAndGet(-missed);
        } while (missed != 0);
    }

    private void read() throws IOException {
        // Asked before reading: what is written until then is read, and what comes later is told.
        var over = !query.follow() || writer == null || writer.hasEnded();
        if (position < 0 && !open()) {
            if (over) {
                end(null);
            }
            return;
        }
        var from = file;
        while (wanted && !closed && from != null) {
            var entry = LogFile.at(from, position);
            if (entry == null) {
                if (over) {
                    end(null);
                }
                return;
            }
            if (query.until() != null && !entry.time().isBefore(query.until())) {
                end(null);
                return;
            }
            position = entry.end();
            give(entry);
        }
    }

    private void give(LogFile.Entry entry) {
        var bytes = skip == 0 ? entry.bytes() : Arrays.copyOfRange(entry.bytes(), skip, entry.bytes().length);
        skip = 0;
        if (bytes.length == 0 || !matches(entry)) {
            return;
        }
        wanted = false;
        if (sink.record(entry.stream(), entry.time(), bytes)) {
            wanted = true;
        }
    }

    private boolean matches(LogFile.Entry entry) {
        return query.streams().contains(entry.stream())
                && (query.since() == null || !entry.time().isBefore(query.since()));
    }

    private boolean open() throws IOException {
        try {
            var opened = FileChannel.open(path, StandardOpenOption.READ);
            file = opened;
            position = query.tail() == null ? 0 : tail(opened, query.tail());
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Where the last lines begin: counted backwards over the line ends in the records that match. */
    private long tail(FileChannel from, long lines) throws IOException {
        var end = LogFile.wholeLength(from);
        if (lines == 0) {
            return end;
        }
        long wantedEnds = lines;
        var atEnd = true;
        long start = 0;
        for (var entry = LogFile.before(from, end); entry != null; entry = LogFile.before(from, entry.position())) {
            var late = query.until() != null && !entry.time().isBefore(query.until());
            if (late || !matches(entry)) {
                continue;
            }
            var bytes = entry.bytes();
            for (int i = bytes.length - 1; i >= 0; i--) {
                // The line end at the very end closes the last line, it begins no further one.
                if (bytes[i] == '\n' && !atEnd && --wantedEnds == 0) {
                    skip = i + 1;
                    return entry.position();
                }
                atEnd = false;
            }
            start = entry.position();
        }
        return start;
    }

    private void end(@Nullable RuntimeFailure failure) {
        if (!closed) {
            closed = true;
            free();
            sink.end(failure);
        }
    }

    private void free() {
        if (writer != null) {
            writer.forget(onGrowth);
        }
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            log.debug("{} was not closed", path, e);
        }
    }
}
