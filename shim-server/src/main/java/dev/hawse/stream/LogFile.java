package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A log on disk. Bytes are kept exactly, also what is no text. A record that was cut off by a crash is where the log ends.
 * For one thread at a time; others may have the same file open, one of them to write.
 *
 * <p>The file begins with 16 bytes: "hawselog" and 8 random ones. Records follow, one after the other, each as
 *
 * <pre>
 * length   4 bytes, of the bytes
 * time     8 bytes, nanoseconds since 1970
 * stream   1 byte, 1 for stdout and 2 for stderr
 * bytes
 * check    4 bytes, the CRC-32C of the file's random bytes, the record's place in it, and all of the above
 * length   4 bytes again, so that the file can be read backwards
 * </pre>
 *
 * <p>all big-endian. No process knows the random bytes, so none can write what passes for a record.
 */
final class LogFile implements AutoCloseable {

    static final int HEADER = 16;
    static final int HEAD = 13;
    static final int TAIL = 8;

    /** No read of a process's output is longer. */
    static final int MAX_BYTES = 16 << 20;

    private static final long MAGIC = 0x6861_7773_656c_6f67L;
    private static final int WINDOW = 32 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final long NANOS = 1_000_000_000L;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final FileChannel file;
    private final ByteBuffer seed = ByteBuffer.allocate(2 * Long.BYTES);
    private final CRC32C crc = new CRC32C();
    /** What was read last: the bytes from {@link #windowStart} on. */
    private ByteBuffer window = NOTHING;

    private long windowStart;
    private long end;

    /** What a process wrote, and when it was read. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Piece(OutputKind stream, Instant time, byte[] bytes) {
        int size() {
            return HEAD + bytes.length + TAIL;
        }
    }

    /** A piece and where in the file it lies. */
    record Entry(Piece piece, long position) {
        long end() {
            return position + piece.size();
        }
    }

    private LogFile(FileChannel file, long knownEnd) throws IOException {
        this.file = file;
        var header = ByteBuffer.allocate(HEADER);
        if (!fill(header, 0) || header.getLong(0) != MAGIC) {
            throw new IOException("it is no log of Hawse");
        }
        seed.putLong(0, header.getLong(Long.BYTES));
        end = knownEnd < 0 ? wholeEnd() : knownEnd;
        // It may hold what lies behind the end, and that changes.
        window = NOTHING;
    }

    /**
     * Opens a log to be read.
     *
     * @param knownEnd where its last whole record ends; negative when nobody knows
     * @return null when nothing has been written yet
     */
    static @Nullable LogFile read(Path path, long knownEnd) throws IOException {
        FileChannel file;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        }
        try {
            if (file.size() >= HEADER) {
                return new LogFile(file, knownEnd);
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        file.close();
        return null;
    }

    /** Opens a log to be gone on with, and makes it with its folders when there is none. Half a record at its end goes. */
    static LogFile write(Path path) throws IOException {
        var dir = path.getParent();
        if (dir != null) {
            Files.createDirectories(
                    dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        var file = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            if (file.size() < HEADER) {
                file.write(
                        ByteBuffer.allocate(HEADER)
                                .putLong(MAGIC)
                                .putLong(RANDOM.nextLong())
                                .flip(),
                        0);
            }
            var log = new LogFile(file, -1);
            file.truncate(log.end);
            return log;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Where the last whole record ended when this was opened, or ends after what was appended here. */
    long end() {
        return end;
    }

    boolean isOpen() {
        return file.isOpen();
    }

    /** Appends records. When that fails, those that were written whole are kept, and the rest is where the next will be. */
    void append(List<Piece> pieces) throws IOException {
        var size = 0;
        for (var piece : pieces) {
            size += piece.size();
        }
        var records = ByteBuffer.allocate(size);
        for (var piece : pieces) {
            encode(piece, end + records.position(), records);
        }
        records.flip();
        var begin = end;
        try {
            while (records.hasRemaining()) {
                file.write(records, begin + records.position());
            }
        } finally {
            for (var piece : pieces) {
                if (end + piece.size() > begin + records.position()) {
                    break;
                }
                end += piece.size();
            }
        }
    }

    private void encode(Piece piece, long position, ByteBuffer to) {
        var start = to.position();
        var length = piece.bytes().length;
        to.putInt(length)
                .putLong(ChronoUnit.NANOS.between(Instant.EPOCH, piece.time()))
                .put((byte) (piece.stream() == OutputKind.STDOUT ? 1 : 2))
                .put(piece.bytes());
        to.putInt(check(position, to, start, length)).putInt(length);
    }

    /** The record at a place, or null when there is no whole one before the limit. */
    @Nullable
    Entry at(long position, long limit) throws IOException {
        if (!load(position, HEAD, limit)) {
            return null;
        }
        var length = window.getInt(offset(position));
        if (length < 0 || length > MAX_BYTES || !load(position, HEAD + length + TAIL, limit)) {
            return null;
        }
        var head = offset(position);
        var tail = head + HEAD + length;
        if (window.getInt(tail + Integer.BYTES) != length
                || window.getInt(tail) != check(position, window, head, length)) {
            return null;
        }
        var nanos = window.getLong(head + Integer.BYTES);
        var stream = window.get(head + HEAD - 1) == 1 ? OutputKind.STDOUT : OutputKind.STDERR;
        var bytes = new byte[length];
        window.get(head + HEAD, bytes);
        var time = Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
        return new Entry(new Piece(stream, time, bytes), position);
    }

    /** The record that ends at a place, or null when none does. */
    @Nullable
    Entry before(long place) throws IOException {
        if (place < HEADER + HEAD + TAIL) {
            return null;
        }
        var tail = place - Integer.BYTES;
        if (tail < windowStart || place > windowStart + window.limit()) {
            reload(Math.max(HEADER, place - WINDOW), WINDOW, place);
        }
        if (!load(tail, Integer.BYTES, place)) {
            return null;
        }
        var start = place - TAIL - window.getInt(offset(tail)) - HEAD;
        var entry = start < HEADER || start > place - TAIL - HEAD ? null : at(start, place);
        return entry != null && entry.end() == place ? entry : null;
    }

    /** Where the last whole record ends: what comes after it was cut off by a crash. */
    private long wholeEnd() throws IOException {
        var size = file.size();
        if (before(size) != null) {
            return size;
        }
        long position = HEADER;
        for (var entry = at(position, size); entry != null; entry = at(position, size)) {
            position = entry.end();
        }
        return position;
    }

    private int check(long position, ByteBuffer record, int start, int length) {
        crc.reset();
        crc.update(seed.putLong(Long.BYTES, position).rewind());
        crc.update(record.slice(start, HEAD + length));
        return (int) crc.getValue();
    }

    private int offset(long position) {
        return (int) (position - windowStart);
    }

    /** Sees to it that so many bytes are in the window; nothing from the limit on is read, since it may change. */
    private boolean load(long position, int count, long limit) throws IOException {
        if (position + count > limit) {
            return false;
        }
        if (position < windowStart || position + count > windowStart + window.limit()) {
            reload(position, count, limit);
        }
        return position + count <= windowStart + window.limit();
    }

    private void reload(long position, int count, long limit) throws IOException {
        if (window.capacity() < count) {
            window = ByteBuffer.allocate(Math.max(count, WINDOW));
        }
        window.clear().limit((int) Math.min(window.capacity(), limit - position));
        windowStart = position;
        var _ = fill(window, position);
        window.flip();
    }

    private boolean fill(ByteBuffer into, long position) throws IOException {
        while (into.hasRemaining()) {
            if (file.read(into, position + into.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
