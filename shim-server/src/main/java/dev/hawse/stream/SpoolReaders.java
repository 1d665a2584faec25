package dev.hawse.stream;

import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The readers of a spool: where they are, and where a new one begins. They come and go under the story's monitor; who looks
 * at them need not hold it.
 */
final class SpoolReaders implements Iterable<SpoolReader> {

    private final Story story;
    private final List<SpoolReader> readers = new CopyOnWriteArrayList<>();

    /** Stands for who may come; null while there is a reader, or when nothing is to wait for one. */
    private @Nullable SpoolReader absent;

    SpoolReaders(Story story) {
        this.story = story;
    }

    @Override
    public Iterator<SpoolReader> iterator() {
        return readers.iterator();
    }

    int count() {
        synchronized (story) {
            return absent == null ? readers.size() : 0;
        }
    }

    /** Adds a reader that is made for a place and what it has had. Nothing waits for who is absent any more. */
    SpoolReader add(ReadFrom from, @Nullable Spill spill, BiFunction<Place, OutputOffsets, SpoolReader> make) {
        synchronized (story) {
            var had = switch (from) {
                case ReadFrom.Now _ -> story.tail().offsets();
                case ReadFrom.Oldest _ -> oldest().offsets();
                case ReadFrom.At(var offsets) -> checked(offsets);
            };
            var reader = make.apply(from instanceof ReadFrom.Now ? story.tail() : begin(had, spill), had);
            forgetAbsent();
            readers.add(reader);
            return reader;
        }
    }

    /** Takes a reader away. */
    void remove(SpoolReader reader) {
        synchronized (story) {
            readers.remove(reader);
        }
    }

    /** Has wait what follows a place, while there is no reader. */
    void addAbsent(SpoolReader standIn) {
        synchronized (story) {
            if (readers.isEmpty()) {
                absent = standIn;
                readers.add(standIn);
            }
        }
    }

    void forgetAbsent() {
        synchronized (story) {
            if (absent != null) {
                readers.remove(absent);
                absent = null;
            }
        }
    }

    /** The oldest place from which everything is still there. */
    Place oldest() {
        synchronized (story) {
            var oldest = story.kept();
            for (var reader : readers) {
                var at = reader.place();
                if (at.weight < oldest.weight && !mayBeOverwritten(reader, at)) {
                    oldest = at;
                }
            }
            return oldest;
        }
    }

    private static boolean mayBeOverwritten(SpoolReader reader, Place at) {
        return at instanceof DiskPlace && reader.isLossy();
    }

    /** The place furthest behind among those of readers that may miss nothing and have all they wait for in memory. */
    @Nullable
    Place slowestInMemory() {
        Place slowest = null;
        for (var reader : readers) {
            var at = reader.place();
            if (!reader.isLossy()
                    && at != Place.NOWHERE
                    && !(at instanceof DiskPlace)
                    && (slowest == null || at.weight < slowest.weight)) {
                slowest = at;
            }
        }
        return slowest;
    }

    /** Whether so much in memory waits for a reader that may not miss it. */
    boolean anyLags(long by) {
        var head = story.tail().weight;
        for (var reader : readers) {
            if (!reader.isLossy() && head - reader.weightInMemory() > by) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is a reader that may miss nothing. */
    boolean anyLossless() {
        for (var reader : readers) {
            if (!reader.isLossy()) {
                return true;
            }
        }
        return false;
    }

    void pump() {
        for (var reader : readers) {
            reader.pump();
        }
    }

    private OutputOffsets checked(OutputOffsets wanted) {
        var oldest = oldest();
        var head = story.tail();
        if (isBehind(oldest, wanted) || wanted.stdout() > head.stdout || wanted.stderr() > head.stderr) {
            throw RuntimeFailure.of(
                    Reason.OFFSET_OUT_OF_RANGE,
                    "offsets: output is kept from " + oldest.offsets() + " to " + head.offsets() + " (got " + wanted
                            + ")",
                    Map.of(
                            "oldest_stdout", Long.toString(oldest.stdout),
                            "oldest_stderr", Long.toString(oldest.stderr),
                            "head_stdout", Long.toString(head.stdout),
                            "head_stderr", Long.toString(head.stderr)));
        }
        return wanted;
    }

    /** The newest place at which a reader who has had so much misses nothing. */
    private Place begin(OutputOffsets had, @Nullable Spill spill) {
        var onDisk = spill == null ? null : spill.placeFor(had);
        var at = onDisk == null ? newestFor(had) : onDisk;
        for (var next = at.next(); at.isOld(had) && next != null; next = at.next()) {
            at = next;
        }
        return at;
    }

    private Place newestFor(OutputOffsets had) {
        var best = isBehind(story.kept(), had) ? oldest() : story.kept();
        for (var reader : readers) {
            var at = reader.place();
            if (at.weight > best.weight && leadsOn(at) && !mayBeOverwritten(reader, at) && !isBehind(at, had)) {
                best = at;
            }
        }
        return best;
    }

    /** Not so of places behind the end, or nowhere, where readers are that are about to go. */
    private boolean leadsOn(Place at) {
        return at.next() != null || at == story.tail() || at instanceof DiskPlace;
    }

    /** Whether who has had so much would miss something if he went on here. */
    static boolean isBehind(Place at, OutputOffsets had) {
        return at.stdout > had.stdout() || at.stderr > had.stderr();
    }
}
