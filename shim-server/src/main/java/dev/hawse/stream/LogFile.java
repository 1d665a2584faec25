package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of a log on disk, as {@code hawse-logger} writes it; hawse-logger.c says how. Only whole records are read: one
 * that was cut off by a crash, or is just being written, is where the file ends. For one thread at a time; the program may
 * write meanwhile. No process knows a file's random bytes, so none can write what passes for a record.
 */
final class LogFile implements AutoCloseable {

    static final int HEADER = 16;
    static final int HEAD = 29;
    static final int TAIL = 8;

    /** No read of a process's output is longer. */
    static final int MAX_BYTES = 16 << 20;

    static final long MAGIC = 0x6861_7773_6c6f_6732L;

    private static final int WINDOW = 128 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final long NANOS = 1_000_000_000L;
    private static final int KIND = 12;

    private final FileChannel file;
    private final ByteBuffer seed = ByteBuffer.allocate(2 * Long.BYTES);
    private final CRC32C crc = new CRC32C();
    /** What was read last: the bytes from {@link #windowStart} on. */
    private ByteBuffer window = NOTHING;

    private long windowStart;

    /** What a record tells. */
    enum Kind {
        STDOUT(1),
        STDERR(2),
        BEGIN(3),
        END(4),
        DROPPED_STDOUT(5),
        DROPPED_STDERR(6);

        /** What stands for it. */
        final int number;

        Kind(int number) {
            this.number = number;
        }

        static @Nullable Kind of(int number) {
            return switch (number) {
                case 1 -> STDOUT;
                case 2 -> STDERR;
                case 3 -> BEGIN;
                case 4 -> END;
                case 5 -> DROPPED_STDOUT;
                case 6 -> DROPPED_STDERR;
                default -> null;
            };
        }
    }

    /**
     * A record and where in the file it lies.
     *
     * @param stdout bytes of standard output that came before, in this run
     * @param stderr and of standard error
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(Kind kind, Instant time, long stdout, long stderr, byte[] bytes, long position) {
        long end() {
            return position + HEAD + bytes.length + TAIL;
        }

        /** Whose bytes it has, or misses; null where it is about none. */
        @Nullable
        OutputKind stream() {
            return switch (kind) {
                case STDOUT, DROPPED_STDOUT -> OutputKind.STDOUT;
                case STDERR, DROPPED_STDERR -> OutputKind.STDERR;
                case BEGIN, END -> null;
            };
        }

        boolean hasOutput() {
            return kind == Kind.STDOUT || kind == Kind.STDERR;
        }

        /** How many bytes of its stream it stands for. */
        long count() {
            return switch (kind) {
                case STDOUT, STDERR -> bytes.length;
                case DROPPED_STDOUT, DROPPED_STDERR -> ByteBuffer.wrap(bytes).getLong();
                case BEGIN, END -> 0;
            };
        }

        long stdoutAfter() {
            return stdout + (stream() == OutputKind.STDOUT ? count() : 0);
        }

        long stderrAfter() {
            return stderr + (stream() == OutputKind.STDERR ? count() : 0);
        }
    }

    private LogFile(FileChannel file, long random) {
        this.file = file;
        seed.putLong(0, random);
    }

    /** Opens a file of a log; null when there is none, or none with a whole head. */
    static @Nullable LogFile open(Path path) throws IOException {
        FileChannel file;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        }
        try {
            var header = ByteBuffer.allocate(HEADER);
            if (fill(file, header, 0) && header.getLong(0) == MAGIC) {
                return new LogFile(file, header.getLong(Long.BYTES));
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
        file.close();
        return null;
    }

    /** The record at a place; null when there is no whole one, yet or ever. */
    @Nullable
    Entry at(long position) throws IOException {
        var cached = inWindow(position, HEAD);
        var entry = entryAt(position);
        if (entry == null && cached) {
            // What was read before it was written, in part or all, is no news.
            window = NOTHING;
            entry = entryAt(position);
        }
        return entry;
    }

    private @Nullable Entry entryAt(long position) throws IOException {
        if (!load(position, HEAD)) {
            return null;
        }
        var length = window.getInt(offset(position));
        if (length < 0 || length > MAX_BYTES || !load(position, HEAD + length + TAIL)) {
            return null;
        }
        var head = offset(position);
        var tail = head + HEAD + length;
        var kind = Kind.of(window.get(head + KIND));
        if (kind == null
                || window.getInt(tail + Integer.BYTES) != length
                || window.getInt(tail) != check(position, head, length)) {
            return null;
        }
        var nanos = window.getLong(head + Integer.BYTES);
        var time = Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
        var bytes = new byte[length];
        window.get(head + HEAD, bytes);
        return new Entry(
                kind,
                time,
                window.getLong(head + KIND + 1),
                window.getLong(head + KIND + 1 + Long.BYTES),
                bytes,
                position);
    }

    /** The record that ends at a place, or null when none does. */
    @Nullable
    Entry before(long place) throws IOException {
        if (place < HEADER + HEAD + TAIL) {
            return null;
        }
        var tail = place - Integer.BYTES;
        if (!inWindow(tail, Integer.BYTES)) {
            reload(Math.max(HEADER, place - WINDOW), (int) Math.min(WINDOW, place - HEADER));
        }
        if (!load(tail, Integer.BYTES)) {
            return null;
        }
        var start = place - TAIL - window.getInt(offset(tail)) - HEAD;
        var entry = start < HEADER || start > place - TAIL - HEAD ? null : at(start);
        return entry != null && entry.end() == place ? entry : null;
    }

    /** Where the last whole record ends that there is now. */
    long end() throws IOException {
        var size = file.size();
        if (before(size) != null) {
            return size;
        }
        long position = HEADER;
        for (var entry = at(position); entry != null && entry.end() <= size; entry = at(position)) {
            position = entry.end();
        }
        return position;
    }

    private int check(long position, int start, int length) {
        crc.reset();
        crc.update(seed.putLong(Long.BYTES, position).rewind());
        crc.update(window.slice(start, HEAD + length));
        return (int) crc.getValue();
    }

    private int offset(long position) {
        return (int) (position - windowStart);
    }

    private boolean inWindow(long position, int count) {
        return position >= windowStart && position + count <= windowStart + window.limit();
    }

    /** Sees to it that so many bytes are in the window, if there are so many. */
    private boolean load(long position, int count) throws IOException {
        if (!inWindow(position, count)) {
            reload(position, count);
        }
        return inWindow(position, count);
    }

    private void reload(long position, int count) throws IOException {
        if (window.capacity() < count) {
            window = ByteBuffer.allocate(Math.max(count, WINDOW));
        }
        window.clear();
        windowStart = position;
        var _ = fill(file, window, position);
        window.flip();
    }

    private static boolean fill(FileChannel file, ByteBuffer into, long position) throws IOException {
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
