package dev.hawse.stream;

import dev.hawse.runtime.OutputOffsets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what waits for slow lossless readers from memory to a file, oldest first, and back when they get to it. On disk is
 * one stretch of the story at a time: from the slowest such reader on, up to a place in memory.
 *
 * <p>Files are touched by workers alone. A disk that takes nothing makes this stop, so that more and more is in memory until
 * the spool holds the writer back; it is tried again when something has changed, and after a while.
 */
final class Spill {

    private static final Logger log = LoggerFactory.getLogger(Spill.class);

    /** How much is written at once, unless one chunk alone is larger. */
    private static final int MOST_WRITTEN = 256 << 10;

    private static final long RETRY_NANOS = 1_000_000_000L;

    private final Story story;
    private final SpoolReaders readers;
    private final Runnable makeRoom;
    private final Executor workers;
    private final long window;
    private final SpillFile file;
    private final OneAtATime work = new OneAtATime(this::work);
    private volatile long weightOnDisk;
    private volatile boolean failing;
    private volatile long failedAt;

    // Under the story's monitor.
    /** Where what was written and is still wanted lies in the file. */
    private long begin;

    private long end;
    /** Places in the stretch on disk at which one may begin, in order. */
    private final ArrayDeque<DiskPlace> runs = new ArrayDeque<>();
    /** The place in memory at which the stretch on disk ends; null when there is none. */
    private @Nullable Place after;

    /** Some of the story, from the first place to before the last, and where it goes in the file. */
    private record Run(List<Place> places, long position, int size) {
        Place first() {
            return places.getFirst();
        }

        Place last() {
            return places.getLast();
        }

        boolean holds(Place at) {
            return !(at instanceof DiskPlace) && at.weight >= first().weight && at.weight < last().weight;
        }

        /** Where a place lies in the file. */
        long positionOf(Place wanted) {
            var at = position;
            for (var place : places) {
                if (place == wanted) {
                    return at;
                }
                at += Frames.size(place);
            }
            throw new IllegalArgumentException("the place is not in the run");
        }
    }

    Spill(SpoolPolicy.Spill settings, Story story, SpoolReaders readers, Runnable makeRoom) {
        this.story = story;
        this.readers = readers;
        this.makeRoom = makeRoom;
        this.workers = settings.workers();
        this.window = settings.window();
        this.file = new SpillFile(settings.dir(), settings.bytes());
    }

    /** What everything weighs up to the place where the stretch on disk ends. */
    long weightOnDisk() {
        return weightOnDisk;
    }

    /** Looks whether something is to be written, and has it written. */
    void consider() {
        if (readers.anyLags(window / 2) && (!failing || System.nanoTime() - failedAt > RETRY_NANOS)) {
            onWorker(work);
        }
    }

    private void onWorker(OneAtATime what) {
        try {
            what.runOn(workers);
        } catch (RejectedExecutionException e) {
            // This server ends; the writer is held back.
            log.debug("nothing more goes to disk", e);
        }
    }

    private void work() {
        try {
            for (var run = nextRun(); run != null; run = nextRun()) {
                file.write(run.position(), encode(run));
                written(run);
                makeRoom.run();
            }
            if (isEmpty()) {
                file.empty();
            }
        } catch (IOException e) {
            failedAt = System.nanoTime();
            if (!failing) {
                log.warn("output that waits for slow readers cannot go to disk, so the process waits for them", e);
            }
            failing = true;
        }
    }

    private @Nullable Run nextRun() {
        synchronized (story) {
            free();
            var at = after == null ? readers.slowestInMemory() : after;
            if (at == null || !readers.anyLags(window / 2)) {
                return null;
            }
            var room = file.size() - (end - begin);
            var places = new ArrayList<Place>();
            long size = 0;
            for (var next = at.next(); next != null && at.end() == null; next = at.next()) {
                size += Frames.size(at);
                if (size > room || (size > MOST_WRITTEN && !places.isEmpty())) {
                    size -= Frames.size(at);
                    break;
                }
                places.add(at);
                at = next;
            }
            if (places.isEmpty()) {
                return null;
            }
            places.add(at);
            return new Run(places, end, Math.toIntExact(size));
        }
    }

    private static ByteBuffer encode(Run run) {
        var frames = ByteBuffer.allocate(run.size());
        for (int i = 0; i + 1 < run.places().size(); i++) {
            Frames.put(run.places().get(i), run.places().get(i + 1), frames);
        }
        return frames.flip();
    }

    /** Has readers that are in the run go on from disk, so that memory is free of it. */
    private void written(Run run) {
        synchronized (story) {
            if (after == null) {
                begin = run.position();
            }
            runs.add(new DiskPlace(this, run.position(), run.first()));
            end = run.position() + run.size();
            after = run.last();
            weightOnDisk = run.last().weight;
            for (var reader : readers) {
                for (var at = reader.place(); !reader.isLossy() && run.holds(at); at = reader.place()) {
                    reader.move(at, new DiskPlace(this, run.positionOf(at), at));
                }
            }
            free();
        }
        if (failing) {
            failing = false;
            log.info("output that waits for slow readers goes to disk again");
        }
    }

    /** Lets go of what no reader waits for that may miss nothing. */
    private void free() {
        DiskPlace slowest = null;
        for (var reader : readers) {
            if (!reader.isLossy()
                    && reader.place() instanceof DiskPlace at
                    && (slowest == null || at.position < slowest.position)) {
                slowest = at;
            }
        }
        if (slowest == null) {
            if (after != null) {
                // What comes to disk next may begin elsewhere in the story: whoever is still at the old end must
                // notice.
                end++;
            }
            begin = end;
            runs.clear();
            after = null;
            return;
        }
        begin = slowest.position;
        while (!runs.isEmpty() && runs.getFirst().position <= begin) {
            runs.removeFirst();
        }
        runs.addFirst(new DiskPlace(this, begin, slowest));
    }

    private boolean isEmpty() {
        synchronized (story) {
            return after == null;
        }
    }

    /** The newest place from the stretch on disk on at which who has had so much misses nothing; null when there is none. */
    @Nullable
    Place placeFor(OutputOffsets had) {
        synchronized (story) {
            if (after == null || !SpoolReaders.isBehind(after, had)) {
                return after;
            }
            Place best = null;
            for (var run : runs) {
                if (SpoolReaders.isBehind(run, had)) {
                    break;
                }
                best = run;
            }
            return best;
        }
    }

    /** This place, or the first one behind it that can still be read. */
    Place notOverwritten(Place at) {
        synchronized (story) {
            return at instanceof DiskPlace onDisk && onDisk.position < begin ? first() : at;
        }
    }

    private Place first() {
        return runs.isEmpty() ? story.kept() : runs.getFirst();
    }

    /** Has read from disk what comes at a place, and the reader told of it. */
    void fetch(SpoolReader reader, DiskPlace at) {
        try {
            workers.execute(() -> fetchNow(reader, at));
        } catch (RejectedExecutionException e) {
            log.debug("nothing more is read from disk", e);
        }
    }

    private void fetchNow(SpoolReader reader, DiskPlace at) {
        Place there = null;
        IOException failure = null;
        try {
            var limit = end();
            there = at.position < limit ? file.read(at, limit) : null;
        } catch (IOException | RuntimeException e) {
            failure = e instanceof IOException io ? io : new IOException("it is damaged", e);
        }
        boolean nothingLeft;
        synchronized (story) {
            reader.move(at, whereToGoOn(at, there, failure));
            free();
            nothingLeft = after == null;
        }
        if (nothingLeft) {
            onWorker(work);
        } else {
            consider();
        }
        reader.fetched();
    }

    private Place whereToGoOn(DiskPlace at, @Nullable Place there, @Nullable IOException failure) {
        if (at.position < begin) {
            // A lossy reader, or one that was closed: what was read may be something else.
            return first();
        }
        if (there != null) {
            return there;
        }
        if (failure != null) {
            log.error("output that waits for a reader cannot be read from disk and is lost to it", failure);
        } else if (at.position < end) {
            return at;
        }
        return after == null ? first() : after;
    }

    private long end() {
        synchronized (story) {
            return end;
        }
    }

    void close() {
        try {
            file.close();
        } catch (IOException e) {
            log.warn("output on disk was not freed", e);
        }
    }
}
