package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a log lies on disk: records one after the other, each as
 *
 * <pre>
 * length   4 bytes, of the bytes
 * time     8 bytes, nanoseconds since 1970
 * stream   1 byte, 1 for stdout and 2 for stderr
 * bytes
 * length   4 bytes again, so that the file can be read backwards
 * </pre>
 *
 * <p>all big-endian. Bytes are kept exactly, also what is no text. A record that was cut off by a crash is where the log ends.
 */
final class LogFile {

    static final int HEAD = 13;
    static final int TAIL = 4;

    /** No read of a process's output is longer. */
    static final int MAX_BYTES = 16 << 20;

    private LogFile() {}

    /**
     * A record.
     *
     * @param position where in the file it begins
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(OutputKind stream, Instant time, byte[] bytes, long position) {
        long end() {
            return position + HEAD + bytes.length + TAIL;
        }
    }

    static Path in(Path dir) {
        return dir.resolve("main.log");
    }

    static ByteBuffer encode(OutputKind stream, Instant time, byte[] bytes) {
        var record = ByteBuffer.allocate(HEAD + bytes.length + TAIL);
        record.putInt(bytes.length)
                .putLong(Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()))
                .put((byte) (stream == OutputKind.STDOUT ? 1 : 2))
                .put(bytes)
                .putInt(bytes.length);
        return record.flip();
    }

    /** The record at a place, or null when there is no whole one. */
    static @Nullable Entry at(FileChannel file, long position) throws IOException {
        var head = ByteBuffer.allocate(HEAD);
        if (!fill(file, head, position)) {
            return null;
        }
        head.flip();
        var length = head.getInt();
        var nanos = head.getLong();
        var stream = head.get();
        if (length < 0 || length > MAX_BYTES || (stream != 1 && stream != 2)) {
            return null;
        }
        var rest = ByteBuffer.allocate(length + TAIL);
        if (!fill(file, rest, position + HEAD) || rest.getInt(length) != length) {
            return null;
        }
        var bytes = new byte[length];
        rest.get(0, bytes);
        var time = Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
        return new Entry(stream == 1 ? OutputKind.STDOUT : OutputKind.STDERR, time, bytes, position);
    }

    /** The record that ends at a place, or null at the beginning. */
    static @Nullable Entry before(FileChannel file, long end) throws IOException {
        var tail = ByteBuffer.allocate(TAIL);
        if (end < HEAD + TAIL || !fill(file, tail, end - TAIL)) {
            return null;
        }
        var start = end - TAIL - tail.getInt(0) - HEAD;
        return start < 0 ? null : at(file, start);
    }

    /** Where the last whole record ends: what comes after it was cut off by a crash. */
    static long wholeLength(FileChannel file) throws IOException {
        var end = file.size();
        if (end == 0 || before(file, end) != null) {
            return end;
        }
        long position = 0;
        for (var entry = at(file, 0); entry != null; entry = at(file, position)) {
            position = entry.end();
        }
        return position;
    }

    private static boolean fill(FileChannel file, ByteBuffer into, long position) throws IOException {
        while (into.hasRemaining()) {
            var n = file.read(into, position + into.position());
            if (n < 0) {
                return false;
            }
        }
        return true;
    }
}
