package dev.hawse.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One of the two files of a {@link SpoolFile}, being written. For one thread at a time.
 *
 * <p>It begins with 8 bytes "hawseout", its number, 8 random bytes, the offsets of stdout and stderr at which it begins, and
 * the CRC-32C of these. Frames follow, as {@link Frames} has them, each with the CRC-32C of the random bytes, the frame's
 * place in the file, and the frame. No process knows the random bytes, so none can write what passes for a frame.
 */
final class SpoolSegment implements AutoCloseable {

    private static final long MAGIC = 0x6861_7773_656f_7574L;
    private static final int HEADER = 5 * Long.BYTES + Integer.BYTES;
    private static final int TAIL = Integer.BYTES;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final FileChannel file;
    private final long seed;
    private final ByteBuffer head = ByteBuffer.allocate(Frames.HEAD);
    private final ByteBuffer tail = ByteBuffer.allocate(TAIL);
    private final Check check = new Check();
    private long size;

    private SpoolSegment(FileChannel file, long seed, long size) throws IOException {
        this.file = file;
        this.seed = seed;
        this.size = size;
        file.position(size);
    }

    /** What a frame's check is made of. */
    private static final class Check {
        private final CRC32C crc = new CRC32C();
        private final ByteBuffer where = ByteBuffer.allocate(2 * Long.BYTES);

        int of(long seed, long position, ByteBuffer head, ByteBuffer what) {
            crc.reset();
            crc.update(where.clear().putLong(seed).putLong(position).flip());
            crc.update(head.duplicate());
            crc.update(what.duplicate());
            return (int) crc.getValue();
        }
    }

    /**
     * What was found in a file.
     *
     * @param first where its part of the story begins, from which memory leads on
     * @param last where it ends
     * @param end where in the file its last whole frame ends
     */
    record Content(
            long number, long seed, Place first, Place last, boolean finished, boolean endsInPossibleGap, long end) {

        /** Whether another one goes on where this one ends. */
        boolean leadsTo(Content next) {
            return !finished && last.stdout == next.first.stdout && last.stderr == next.first.stderr;
        }

        /** Has all of this come behind another place, where it belongs, and answers where it ends. */
        Place behind(Place place) {
            var to = place;
            var at = first;
            for (var next = at.next(); at != last && next != null; next = at.next()) {
                to = to.like(at, next);
                at = next;
            }
            return to;
        }
    }

    /** Begins a file anew, at a place in the story. */
    static SpoolSegment begin(Path path, long number, Place at) throws IOException {
        var seed = RANDOM.nextLong();
        var header = ByteBuffer.allocate(HEADER)
                .putLong(MAGIC)
                .putLong(number)
                .putLong(seed)
                .putLong(at.stdout)
                .putLong(at.stderr);
        header.putInt(crc(header.duplicate().flip())).flip();
        var file = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            while (header.hasRemaining()) {
                file.write(header);
            }
            return new SpoolSegment(file, seed, HEADER);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Goes on with a file, behind its last whole frame. */
    static SpoolSegment resume(Path path, Content content) throws IOException {
        var file = FileChannel.open(path, StandardOpenOption.WRITE);
        try {
            file.truncate(content.end);
            return new SpoolSegment(file, content.seed, content.end);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Reads a file; null when there is none, or it was cut off at its very beginning. */
    static @Nullable Content read(Path path) throws IOException {
        ByteBuffer file;
        try {
            file = ByteBuffer.wrap(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return null;
        }
        if (file.remaining() < HEADER
                || file.getLong() != MAGIC
                || file.getInt(HEADER - TAIL) != crc(file.slice(0, HEADER - TAIL))) {
            return null;
        }
        var number = file.getLong();
        var seed = file.getLong();
        var first = new Place(file.getLong(), file.getLong(), 0);
        file.position(HEADER);
        var at = first;
        var possibleGap = false;
        var check = new Check();
        while (isWhole(file, seed, check)) {
            var kind = file.get(file.position());
            var end = file.position() + Frames.length(file, file.position()) + TAIL;
            if (kind == Frames.END) {
                return new Content(number, seed, first, at, true, false, end);
            }
            var next = Frames.get(file, at);
            if (next == null) {
                break;
            }
            at = next;
            possibleGap = kind == Frames.POSSIBLE_GAP;
            file.position(end);
        }
        return new Content(number, seed, first, at, false, possibleGap, file.position());
    }

    private static boolean isWhole(ByteBuffer file, long seed, Check check) throws IOException {
        var begin = file.position();
        if (file.remaining() < Frames.HEAD + TAIL) {
            return false;
        }
        long length = Integer.toUnsignedLong(file.getInt(begin + 1));
        if (length > Frames.MOST || file.remaining() < Frames.HEAD + length + TAIL) {
            return false;
        }
        var what = file.slice(begin + Frames.HEAD, (int) length);
        return file.getInt(begin + Frames.HEAD + (int) length)
                == check.of(seed, begin, file.slice(begin, Frames.HEAD), what);
    }

    private static int crc(ByteBuffer of) {
        var crc = new CRC32C();
        crc.update(of);
        return (int) crc.getValue();
    }

    /** Appends a frame. When that fails, the file ends somewhere in it. */
    void append(byte kind, byte[] what) throws IOException {
        var bytes = ByteBuffer.wrap(what);
        head.clear().put(kind).putInt(what.length).flip();
        tail.clear().putInt(check.of(seed, size, head, bytes)).flip();
        var frame = new ByteBuffer[] {head, bytes, tail};
        while (tail.hasRemaining()) {
            file.write(frame);
        }
        size += Frames.HEAD + what.length + TAIL;
    }

    /** How long the file is. */
    long size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
