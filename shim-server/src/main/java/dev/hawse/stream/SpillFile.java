package dev.hawse.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Frames on disk, in a file that is used in a circle: positions grow without end, and what is a whole round old is
 * overwritten. It is made when it is needed, and has no name from then on. Safe for use by one thread that writes and any
 * number that read what was written before.
 */
final class SpillFile implements AutoCloseable {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** How much is read at once, unless one chunk alone is larger. */
    private static final int READ = 64 << 10;

    private final Path dir;
    private final long size;
    private @Nullable FileChannel file;
    private boolean closed;

    SpillFile(Path dir, long size) {
        this.dir = dir;
        this.size = size;
    }

    long size() {
        return size;
    }

    /** Writes all or throws; what was there a round before is gone either way. */
    void write(long position, ByteBuffer frames) throws IOException {
        var to = open();
        var at = position;
        while (frames.hasRemaining()) {
            var piece = upToTheTurn(frames, at);
            at += to.write(piece, at % size);
            frames.position(piece.position());
        }
    }

    /**
     * Reads some of what comes from a place on, at least one frame.
     *
     * @param limit where what was written ends
     * @return a place like the one given, from which memory leads on, up to one from which the disk does
     */
    Place read(DiskPlace from, long limit) throws IOException {
        var most = limit - from.position;
        var frames = read(from.position, (int) Math.min(READ, most));
        var first = frames.remaining() < Frames.HEAD ? 0 : Frames.length(frames, 0);
        if (first == 0 || first > most) {
            throw new IOException("there is no frame");
        }
        if (first > frames.remaining()) {
            frames = read(from.position, first);
        }
        var begin = new DiskPlace(from.spill, from.position, from);
        Place at = begin;
        while (frames.remaining() >= Frames.HEAD && Frames.length(frames, frames.position()) <= frames.remaining()) {
            var next = Frames.get(frames, at);
            if (next == null) {
                throw new IOException("there is no frame of this kind");
            }
            at = next;
        }
        return begin;
    }

    private ByteBuffer read(long position, int count) throws IOException {
        var from = open();
        var into = ByteBuffer.allocate(count);
        while (into.hasRemaining()) {
            var at = position + into.position();
            var piece = upToTheTurn(into, at);
            if (from.read(piece, at % size) < 0) {
                throw new IOException("it is too short");
            }
            into.position(piece.position());
        }
        return into.flip();
    }

    private ByteBuffer upToTheTurn(ByteBuffer buffer, long position) {
        var room = size - position % size;
        return buffer.duplicate().limit((int) Math.min(buffer.limit(), buffer.position() + room));
    }

    private synchronized FileChannel open() throws IOException {
        if (closed) {
            throw new IOException("it was closed");
        }
        if (file == null) {
            Files.createDirectories(
                    dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            file = FileChannel.open(
                    dir.resolve("spill-" + HexFormat.of().toHexDigits(RANDOM.nextLong())),
                    Set.of(
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            // On Linux that is at once, so that a crash leaves nothing.
                            StandardOpenOption.DELETE_ON_CLOSE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return file;
    }

    /** Gives the disk its space back, when nothing that was written is wanted any more. */
    synchronized void empty() throws IOException {
        if (file != null && file.size() > 0) {
            file.truncate(0);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (file != null) {
            file.close();
        }
    }
}
