package dev.hawse.stream;

import dev.hawse.stream.LogFile.Entry;
import dev.hawse.stream.LogFile.Kind;
import java.io.IOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * A place in a log, moving forward over its files while they are written, begun and taken away. Every record comes once and
 * in order; what was taken away before it was read is missing, and said to be. For one thread at a time.
 */
final class LogCursor implements AutoCloseable {

    private final LogFolder folder;
    private @Nullable LogFile file;
    private long number;
    private long position = LogFile.HEADER;
    private long stdout = -1;
    private long stderr = -1;

    /**
     * A record, and what is missing before it because it was taken away.
     *
     * @param missingStdout bytes of standard output
     * @param missingStderr and of standard error
     */
    record Step(Entry entry, long missingStdout, long missingStderr) {}

    /** A place: a file's number and where in it. */
    record Place(long number, long position) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return number != other.number ? Long.compare(number, other.number) : Long.compare(position, other.position);
        }
    }

    /** At the beginning of the oldest file. */
    LogCursor(LogFolder folder) {
        this.folder = folder;
    }

    /** Behind the last whole record that there is now. Answers with it; null when there is none. */
    @Nullable
    Entry toEnd() throws IOException {
        close();
        var numbers = folder.numbers();
        for (int i = numbers.length - 1; i >= 0; i--) {
            var candidate = LogFile.open(folder.file(numbers[i]));
            if (candidate == null) {
                continue;
            }
            if (file == null) {
                file = candidate;
                number = numbers[i];
                position = candidate.end();
            }
            var last = candidate.before(candidate == file ? position : candidate.end());
            if (candidate != file) {
                candidate.close();
            }
            if (last != null) {
                expect(last);
                return last;
            }
        }
        return null;
    }

    /** Moves to a place that was found by other means. */
    void to(Place place) throws IOException {
        close();
        number = place.number();
        position = place.position();
        file = LogFile.open(folder.file(number));
        stdout = -1;
        stderr = -1;
    }

    Place place() {
        return new Place(number, position);
    }

    /** Where the next record will be expected to begin: bytes of standard output so far in this run. */
    long stdout() {
        return Math.max(0, stdout);
    }

    long stderr() {
        return Math.max(0, stderr);
    }

    /** The next record; null when there is none yet. */
    @Nullable
    Step next() throws IOException {
        while (true) {
            var from = file;
            if (from == null) {
                if (!openNext()) {
                    return null;
                }
                continue;
            }
            var entry = from.at(position);
            if (entry == null) {
                // Asked before looking once more: what is in this file now is all that it will ever have.
                if (!isFinished()) {
                    return null;
                }
                entry = from.at(position);
                if (entry == null) {
                    from.close();
                    file = null;
                    continue;
                }
            }
            position = entry.end();
            return step(entry);
        }
    }

    private Step step(Entry entry) {
        var fresh = entry.kind() == Kind.BEGIN || stdout < 0;
        var missingStdout = fresh ? 0 : missing(entry.stdout(), stdout);
        var missingStderr = fresh ? 0 : missing(entry.stderr(), stderr);
        expect(entry);
        return new Step(entry, missingStdout, missingStderr);
    }

    /** Fewer than there were: another run, whose beginning is missing too. */
    private static long missing(long before, long expected) {
        return before < expected ? before : before - expected;
    }

    private void expect(Entry after) {
        stdout = after.stdoutAfter();
        stderr = after.stderrAfter();
    }

    /** Whether there is a later file, so that nothing more is written to this one. */
    private boolean isFinished() throws IOException {
        if (Files.exists(folder.file(number + 1))) {
            try (var next = LogFile.open(folder.file(number + 1))) {
                return next != null;
            }
        }
        return !Files.exists(folder.file(number)) && folder.next(number) != 0;
    }

    private boolean openNext() throws IOException {
        for (var next = folder.next(number); next != 0; next = folder.next(next)) {
            var opened = LogFile.open(folder.file(next));
            if (opened != null) {
                file = opened;
                number = next;
                position = LogFile.HEADER;
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
