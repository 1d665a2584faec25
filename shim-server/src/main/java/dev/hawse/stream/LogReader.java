package dev.hawse.stream;

import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.LogFile.Piece;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One caller's reading of a log. Works on the executor while there is something to read and the sink wants it, and holds no
 * thread in between. Without follow it ends where the log ended when it was opened, however fast that grows.
 */
final class LogReader implements LogSession {

    private static final Logger log = LoggerFactory.getLogger(LogReader.class);

    private final Path path;
    private final LogQuery query;
    private final LogSink sink;
    private final @Nullable LogWriter writer;
    private final boolean follows;
    private final Executor workers;
    private final OneAtATime work = new OneAtATime(this::work);
    private final Runnable onGrowth = this::schedule;
    private volatile boolean wanted;
    private volatile boolean closed;
    private @Nullable LogFile file;
    private long position;
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
        this.follows = query.follow() && writer != null;
        this.workers = workers;
        if (writer != null && follows) {
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
        work.runOn(workers);
    }

    private void work() {
        try {
            if (wanted && !closed) {
                read();
            }
        } catch (IOException e) {
            log.warn("the log {} could not be read", path, e);
            end(RuntimeFailure.internal("the log could not be read", e));
        } catch (RuntimeException | Error e) {
            log.error("a reader of the log {} failed and gets no more of it", path, e);
            closed = true;
        }
        if (closed) {
            free();
        }
    }

    private void read() throws IOException {
        // Asked before reading: what is written until then is read, and what comes later is told.
        var over = !follows || writer == null || writer.hasEnded();
        var from = file == null ? open() : file;
        if (from != null) {
            var limit = follows && writer != null ? Math.max(writer.written(), from.end()) : from.end();
            while (wanted && !closed && position < limit) {
                var entry = from.at(position, limit);
                if (entry == null) {
                    throw new IOException("it is damaged at byte " + position);
                }
                if (isLate(entry.piece())) {
                    end(null);
                    return;
                }
                position = entry.end();
                give(entry.piece());
            }
            over &= position >= limit;
        }
        if (over) {
            end(null);
        }
    }

    private void give(Piece piece) {
        var bytes = skip == 0 ? piece.bytes() : Arrays.copyOfRange(piece.bytes(), skip, piece.bytes().length);
        skip = 0;
        if (bytes.length == 0 || !matches(piece)) {
            return;
        }
        // Taken back before the call, so that a resume during it is not overwritten after it.
        wanted = false;
        if (sink.record(piece.stream(), piece.time(), bytes)) {
            wanted = true;
        }
    }

    private boolean isLate(Piece piece) {
        return query.until() != null && !piece.time().isBefore(query.until());
    }

    private boolean matches(Piece piece) {
        return query.streams().contains(piece.stream())
                && (query.since() == null || !piece.time().isBefore(query.since()));
    }

    private @Nullable LogFile open() throws IOException {
        var opened = LogFile.read(path, writer == null ? -1 : writer.written());
        file = opened;
        if (opened != null) {
            position = query.tail() == null ? LogFile.HEADER : tail(opened, query.tail());
        }
        return opened;
    }

    /** Where the last lines begin: counted backwards over the line ends in the records that match. */
    private long tail(LogFile from, long lines) throws IOException {
        if (lines == 0) {
            return from.end();
        }
        long wantedEnds = lines;
        var atEnd = true;
        var start = from.end();
        for (var entry = from.before(start); entry != null; entry = from.before(entry.position())) {
            if (isLate(entry.piece()) || !matches(entry.piece())) {
                continue;
            }
            var bytes = entry.piece().bytes();
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
