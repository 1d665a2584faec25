package dev.hawse.stream;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest part of a story in two files that are filled in turn, so that at least the size asked for is kept and at most
 * about twice that. It is there for whoever opens it after this process was killed at any moment: what was being written
 * then is cut off. For one thread at a time.
 *
 * <p>When it cannot be written, both files are emptied, since offsets that are wrong are worse than none, and it begins anew
 * with the offsets as they are as soon as it can be written again.
 */
final class SpoolFile implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SpoolFile.class);

    /** So that small histories do not change files all the time. */
    private static final long LEAST = 64 << 10;

    private final Path dir;
    private final long limit;
    private final boolean finished;
    private @Nullable SpoolSegment current;
    private long number;
    private boolean failing;
    private boolean closed;

    /**
     * What was found in a folder. The file itself does not know the places, which would be in memory as long as it.
     *
     * @param first the oldest place
     * @param last where the story goes on
     */
    record Found(SpoolFile file, Place first, Place last) {}

    private SpoolFile(Path dir, long limit, SpoolSegment.@Nullable Content newest) throws IOException {
        this.dir = dir;
        this.limit = limit;
        this.number = newest == null ? 0 : newest.number();
        this.finished = newest != null && newest.finished();
        this.current = newest == null ? null : SpoolSegment.resume(file(number), newest);
    }

    private Found found(SpoolSegment.@Nullable Content older, SpoolSegment.Content newer) {
        var first = newer.first();
        var last = newer.last();
        if (older != null && older.number() == number - 1 && older.leadsTo(newer)) {
            first = older.first();
            last = newer.behind(older.last());
        }
        if (!finished && !newer.endsInPossibleGap()) {
            append(last, Frames.POSSIBLE_GAP, Frames.NOTHING);
            last = last.possibleGap();
        }
        return new Found(this, first, last);
    }

    /** Opens what there is in a folder, or begins anew; the folder is made when there is none. */
    static Found open(Path dir, long size) throws IOException {
        Files.createDirectories(
                dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var a = SpoolSegment.read(file(dir, 0));
        var b = SpoolSegment.read(file(dir, 1));
        var aIsNewer = b == null || (a != null && a.number() > b.number());
        var newer = aIsNewer ? a : b;
        var file = new SpoolFile(dir, Math.max(size, LEAST), newer);
        if (newer == null) {
            var begin = new Place(0, 0, 0);
            return new Found(file, begin, begin);
        }
        return file.found(aIsNewer ? b : a, newer);
    }

    /** Whether its end was found here. */
    boolean wasFinished() {
        return finished;
    }

    /** Writes down what comes at a place. What cannot be written is told to the log, and missing in what is found later. */
    void append(Place at, byte kind, byte[] what) {
        if (closed) {
            return;
        }
        try {
            var to = current;
            if (to == null || to.size() >= limit) {
                to = turn(at);
            }
            to.append(kind, what);
            if (failing) {
                failing = false;
                log.info("output is kept in {} again", dir);
            }
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private SpoolSegment turn(Place at) throws IOException {
        if (current != null) {
            current.close();
            current = null;
        }
        number++;
        var next = SpoolSegment.begin(file(number), number, at);
        current = next;
        return next;
    }

    private void giveUp(IOException e) {
        if (!failing) {
            log.warn("output cannot be kept in {}: a server that is killed now loses it", dir, e);
        }
        failing = true;
        close();
        closed = false;
        try {
            Files.deleteIfExists(file(dir, 0));
            Files.deleteIfExists(file(dir, 1));
        } catch (IOException other) {
            log.error("what is kept in {} is out of date and cannot be taken away", dir, other);
        }
    }

    private Path file(long of) {
        return file(dir, of % 2);
    }

    private static Path file(Path dir, long which) {
        return dir.resolve("output." + which);
    }

    /** Leaves what is there. */
    @Override
    public void close() {
        closed = true;
        try {
            if (current != null) {
                current.close();
            }
        } catch (IOException e) {
            log.debug("a file in {} was not closed", dir, e);
        }
        current = null;
    }

    /** Takes the files away, and the folder when nothing else is in it. */
    void delete() throws IOException {
        Files.deleteIfExists(file(dir, 0));
        Files.deleteIfExists(file(dir, 1));
        try {
            Files.deleteIfExists(dir);
        } catch (DirectoryNotEmptyException e) {
            log.debug("{} holds something else", dir, e);
        }
    }
}
