package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import org.jspecify.annotations.Nullable;

/**
 * What a spool was given, from the oldest place of its history to where the next bytes come; the monitor keeps it still.
 * What lies behind the history is held by the readers that are there, not by this.
 */
final class Story {

    private final long history;
    private final @Nullable SpoolFile file;
    private volatile Place tail;

    /** The first place of the history; null when none is kept. */
    private @Nullable Place kept;

    Story(Place first, Place last, long history, @Nullable SpoolFile file) {
        this.tail = last;
        this.history = history;
        this.file = file;
        this.kept = history > 0 ? notOlder(first, last.weight - history) : null;
    }

    /** Where the next bytes come, or the end has come. */
    Place tail() {
        return tail;
    }

    /** The first place of the history; where the next bytes come when there is none. */
    synchronized Place kept() {
        return kept == null ? tail : kept;
    }

    /** Adds bytes, unless the end has come. */
    synchronized boolean append(OutputKind stream, byte[] bytes) {
        if (tail.end() != null) {
            return false;
        }
        record(Frames.ofBytes(stream), bytes);
        moveOn(tail.append(stream, bytes));
        return true;
    }

    synchronized void gap(OutputKind stream, long count) {
        if (tail.end() == null) {
            record(Frames.ofGap(stream), Frames.gap(count));
            moveOn(tail.gap(stream, count));
        }
    }

    synchronized void possibleGap() {
        if (tail.end() == null) {
            record(Frames.POSSIBLE_GAP, Frames.NOTHING);
            moveOn(tail.possibleGap());
        }
    }

    synchronized void finish(ProcessExit exit) {
        if (tail.end() == null) {
            if (file != null) {
                if (!file.wasFinished()) {
                    file.append(tail, Frames.END, Frames.NOTHING);
                }
                // Nothing follows, and stories are kept for long after their end: they shall hold no descriptor.
                file.close();
            }
            tail.finish(exit);
        }
    }

    private void record(byte kind, byte[] content) {
        if (file != null) {
            file.append(tail, kind, content);
        }
    }

    private void moveOn(Place to) {
        tail = to;
        if (kept != null) {
            kept = notOlder(kept, to.weight - history);
        }
    }

    /** The first place from this one on that weighs so much, or the last. */
    static Place notOlder(Place from, long weight) {
        var at = from;
        for (var next = at.next(); at.weight < weight && next != null; next = at.next()) {
            at = next;
        }
        return at;
    }
}
