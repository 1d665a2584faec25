package dev.hawse.client;

import com.google.protobuf.ByteString;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Unread output on disk, first in first out. One thread may append while another reads. It has no name, so that it is
 * gone with the process however that ends. Streams rather than a channel, which an interrupted thread would close.
 */
final class SpillFile implements Closeable {

    private final RandomAccessFile reader;
    private final FileOutputStream writer;
    private long written;
    private long read;

    SpillFile(@Nullable Path directory) throws IOException {
        Path file = directory == null
                ? Files.createTempFile("hawse-output-", null)
                : Files.createTempFile(directory, "hawse-output-", null);
        try {
            reader = new RandomAccessFile(file.toFile(), "rw");
            writer = new FileOutputStream(file.toFile(), true);
        } finally {
            Files.delete(file);
        }
    }

    /** Writes behind what is there; the caller then says {@link #appended}. */
    long append(List<ByteString> chunks) throws IOException {
        long bytes = 0;
        var out = new BufferedOutputStream(writer, 64 << 10);
        for (var chunk : chunks) {
            chunk.writeTo(out);
            bytes += chunk.size();
        }
        out.flush();
        return bytes;
    }

    /** Reads so many bytes of what is first; the caller then says {@link #consumed}. */
    ByteString peek(int bytes) throws IOException {
        var data = new byte[bytes];
        reader.seek(read);
        reader.readFully(data);
        return ByteString.copyFrom(data);
    }

    long unread() {
        return written - read;
    }

    void appended(long bytes) {
        written += bytes;
    }

    void consumed(int bytes) {
        read += bytes;
    }

    /** Gives the space on disk back, once everything has been read and nobody appends. */
    void reset() throws IOException {
        written = 0;
        read = 0;
        reader.setLength(0);
    }

    @Override
    public void close() throws IOException {
        try (writer) {
            reader.close();
        }
    }
}
