package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.stream.LogFile.Kind;
import dev.hawse.stream.Pieces.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.zip.CRC32C;

/**
 * Writes the files of a log as hawse-logger.c says that they are, made a second time so that a mistake in the one is seen by
 * the other. Begins a file of its own.
 */
final class LogRecords implements AutoCloseable {

    private final LogFolder folder;
    private final long maxSize;
    private long number;
    private long random;
    private FileChannel file;
    private long stdout;
    private long stderr;

    LogRecords(Path folder, long maxSize) throws IOException {
        this.folder = new LogFolder(folder);
        this.maxSize = maxSize;
        this.folder.make();
        var numbers = this.folder.numbers();
        this.number = numbers.length == 0 ? 0 : numbers[numbers.length - 1];
        this.file = nextFile();
    }

    private FileChannel nextFile() throws IOException {
        number++;
        random = System.nanoTime();
        var next = FileChannel.open(folder.file(number), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        next.write(ByteBuffer.allocate(LogFile.HEADER)
                .putLong(LogFile.MAGIC)
                .putLong(random)
                .flip());
        return next;
    }

    /** The file that is being written. */
    Path path() {
        return folder.file(number);
    }

    void begin() throws IOException {
        stdout = 0;
        stderr = 0;
        record(Kind.BEGIN, Instant.EPOCH, new byte[0]);
    }

    void end() throws IOException {
        record(Kind.END, Instant.EPOCH, new byte[] {1});
    }

    void append(Piece piece) throws IOException {
        var out = piece.stream() == OutputKind.STDOUT;
        record(out ? Kind.STDOUT : Kind.STDERR, piece.time(), piece.bytes());
        count(out, piece.bytes().length);
    }

    void dropped(OutputKind stream, long count) throws IOException {
        var out = stream == OutputKind.STDOUT;
        record(
                out ? Kind.DROPPED_STDOUT : Kind.DROPPED_STDERR,
                Instant.EPOCH,
                ByteBuffer.allocate(Long.BYTES).putLong(count).array());
        count(out, count);
    }

    private void count(boolean out, long bytes) {
        stdout += out ? bytes : 0;
        stderr += out ? 0 : bytes;
    }

    private void record(Kind kind, Instant time, byte[] bytes) throws IOException {
        var size = LogFile.HEAD + bytes.length + LogFile.TAIL;
        if (file.position() > LogFile.HEADER && file.position() + size > maxSize) {
            file.close();
            file = nextFile();
        }
        var record = ByteBuffer.allocate(size)
                .putInt(bytes.length)
                .putLong(time.getEpochSecond() * 1_000_000_000 + time.getNano())
                .put((byte) kind.number)
                .putLong(stdout)
                .putLong(stderr)
                .put(bytes);
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(random)
                .putLong(file.position())
                .flip());
        crc.update(record.array(), 0, record.position());
        file.write(record.putInt((int) crc.getValue()).putInt(bytes.length).flip());
    }

    /** Takes the oldest file away. */
    void rotateAway() throws IOException {
        Files.delete(folder.file(folder.numbers()[0]));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
