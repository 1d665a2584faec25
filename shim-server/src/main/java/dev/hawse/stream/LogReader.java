package dev.hawse.stream;

import dev.hawse.runtime.LogGap;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.LogCursor.Place;
import dev.hawse.stream.LogCursor.Step;
import dev.hawse.stream.LogFile.Entry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
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

    private final LogFolder folder;
    private final LogCursor cursor;
    private final LogQuery query;
    private final LogSink sink;
    private final @Nullable LogTail tail;
    private final Executor workers;
    private final OneAtATime work = new OneAtATime(this::work);
    private final Deque<Runnable> untold = new ArrayDeque<>();
    private final @Nullable Registration growth;
    private volatile boolean wanted;
    private volatile boolean closed;
    private boolean begun;
    private boolean beginning;
    /** Where to end; null as long as that is open. */
    private @Nullable Place limit;
    /** Bytes of the first record that the tail leaves out. */
    private int skip;

    /**
     * A reading that has not begun.
     *
     * @param tail of the run in hand, which is followed to its end if that is asked for; null when there is none
     */
    LogReader(LogFolder folder, LogQuery query, LogSink sink, @Nullable LogTail tail, Executor workers) {
        this.folder = folder;
        this.cursor = new LogCursor(folder);
        this.query = query;
        this.sink = sink;
        this.tail = query.follow() ? tail : null;
        this.workers = workers;
        this.growth = this.tail == null ? null : this.tail.onGrowth(this::schedule);
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
            log.warn("the log in {} could not be read", folder.path(), e);
            end(RuntimeFailure.internal("the log could not be read", e));
        } catch (RuntimeException | Error e) {
            log.error("a reader of the log in {} failed and gets no more of it", folder.path(), e);
            closed = true;
        }
        if (closed) {
            free();
        }
    }

    private void read() throws IOException {
        if (!begun) {
            begun = true;
            begin();
        }
        while (wanted && !closed) {
            var next = untold.poll();
            if (next != null) {
                next.run();
                continue;
            }
            if (limit == null && tail != null) {
                // Asked before reading: what was written until then is read, and what comes later is told.
                limit = tail.endPlace();
            }
            var end = limit;
            if (end != null && cursor.place().compareTo(end) >= 0) {
                end(null);
                return;
            }
            var step = cursor.next();
            if (step == null) {
                if (end != null) {
                    end(null);
                }
                return;
            }
            take(step, end);
        }
    }

    private void begin() throws IOException {
        if (tail == null) {
            try (var newest = new LogCursor(folder)) {
                newest.toEnd();
                limit = newest.place();
            }
        }
        if (query.tail() != null) {
            seekTail(query.tail());
        }
        beginning = true;
    }

    private void take(Step step, @Nullable Place end) {
        var entry = step.entry();
        if ((end != null && cursor.place().compareTo(end) > 0) || isLate(entry)) {
            end(null);
            return;
        }
        if (!beginning) {
            missing(entry.time(), OutputKind.STDOUT, step.missingStdout(), LogGap.Cause.ROTATED);
            missing(entry.time(), OutputKind.STDERR, step.missingStderr(), LogGap.Cause.ROTATED);
        }
        beginning = false;
        var stream = entry.stream();
        if (stream == null) {
            return;
        }
        if (!entry.hasOutput()) {
            missing(entry.time(), stream, entry.count(), LogGap.Cause.DISK_FULL);
            return;
        }
        var bytes = skip == 0
                ? entry.bytes()
                : Arrays.copyOfRange(entry.bytes(), Math.min(skip, entry.bytes().length), entry.bytes().length);
        skip = 0;
        if (bytes.length > 0 && matches(entry)) {
            untold.add(() -> give(() -> sink.record(stream, entry.time(), bytes)));
        }
    }

    private void missing(Instant time, OutputKind stream, long count, LogGap.Cause cause) {
        if (count > 0 && query.streams().contains(stream) && !isEarly(time)) {
            untold.add(() -> give(() -> sink.gap(new LogGap(stream, time, count, cause))));
        }
    }

    /** One call of the sink. */
    private interface Telling {
        boolean tell();
    }

    private void give(Telling telling) {
        // Taken back before the call, so that a resume during it is not overwritten after it.
        wanted = false;
        if (telling.tell()) {
            wanted = true;
        }
    }

    private boolean isLate(Entry entry) {
        return query.until() != null && !entry.time().isBefore(query.until());
    }

    private boolean isEarly(Instant time) {
        return query.since() != null && time.isBefore(query.since());
    }

    private boolean matches(Entry entry) {
        var stream = entry.stream();
        return entry.hasOutput() && stream != null && query.streams().contains(stream) && !isEarly(entry.time());
    }

    /** Goes to where the last lines begin: counted backwards over the line ends in the records that match. */
    private void seekTail(long lines) throws IOException {
        long wantedEnds = lines;
        var atEnd = true;
        var numbers = folder.numbers();
        for (int i = numbers.length - 1; i >= 0; i--) {
            try (var file = LogFile.open(folder.file(numbers[i]))) {
                if (file == null) {
                    continue;
                }
                var from = limit != null && limit.number() == numbers[i] ? limit.position() : file.end();
                if (lines == 0) {
                    cursor.to(new Place(numbers[i], from));
                    return;
                }
                for (var entry = file.before(from); entry != null; entry = file.before(entry.position())) {
                    if (isLate(entry) || !matches(entry)) {
                        continue;
                    }
                    var bytes = entry.bytes();
                    for (int at = bytes.length - 1; at >= 0; at--) {
                        // The line end at the very end closes the last line, it begins no further one.
                        if (bytes[at] == '\n' && !atEnd && --wantedEnds == 0) {
                            skip = at + 1;
                            cursor.to(new Place(numbers[i], entry.position()));
                            return;
                        }
                        atEnd = false;
                    }
                }
            }
        }
    }

    private void end(@Nullable RuntimeFailure failure) {
        if (!closed) {
            closed = true;
            sink.end(failure);
        }
    }

    private void free() {
        if (growth != null) {
            growth.close();
        }
        try {
            cursor.close();
        } catch (IOException e) {
            log.debug("the log in {} was not closed", folder.path(), e);
        }
    }
}
