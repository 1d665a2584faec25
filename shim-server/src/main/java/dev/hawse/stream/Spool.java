package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Every byte that a process writes, in order, once, for any number of readers, each at its own pace.
 *
 * <p>One writer appends, from one thread at a time; readers come and go from any. Nothing here blocks. A lossless reader
 * that falls behind by more than the capacity holds the writer back; a lossy one skips the oldest bytes and is told the
 * gap. So memory is bounded by the capacity and one chunk, however many readers stall. Bytes that every reader has had are
 * freed at once.
 */
public final class Spool {

    /** What a chunk costs besides its bytes, so that single bytes count for what they take. */
    static final int CHUNK_OVERHEAD = 96;

    private final long capacity;
    private volatile Runnable onRoom = () -> {};
    private final List<SpoolReader> readers = new CopyOnWriteArrayList<>();
    private final Object writer = new Object();
    private volatile Place tail = new Place(0, 0, 0);
    private volatile boolean heldBack;
    private volatile long lastHeldBack = System.nanoTime();

    /**
     * An empty spool.
     *
     * @param capacity how far a reader may fall behind, in bytes
     */
    public Spool(long capacity) {
        this.capacity = capacity;
    }

    /**
     * Says what to call when the writer was held back and may go on: from any thread, also while the {@link #append} that
     * answers false is still under way. It must not block.
     */
    public void onRoom(Runnable onRoom) {
        this.onRoom = onRoom;
    }

    /**
     * A place in the story, and what comes there once the writer has got so far: bytes, or the end. A reader holds the place
     * that it has got to, so what it has had is the collector's.
     */
    static final class Place {
        private static final byte[] NOTHING = {};

        /** Where a closed reader is: behind nobody, and holding nothing. */
        static final Place NOWHERE = new Place(0, 0, Long.MAX_VALUE);

        /** Bytes of each stream before this place. */
        final long stdout;

        final long stderr;

        /** What everything before this place weighs. */
        final long weight;

        // Written before the next place is, and read after it.
        private OutputKind stream = OutputKind.STDOUT;
        private byte[] bytes = NOTHING;
        private @Nullable ProcessExit end;
        private volatile @Nullable Place next;

        private Place(long stdout, long stderr, long weight) {
            this.stdout = stdout;
            this.stderr = stderr;
            this.weight = weight;
        }

        /** The place after this one; null while nothing comes here. What comes here may be asked for only when there is one. */
        @Nullable
        Place next() {
            return next;
        }

        OutputKind stream() {
            return stream;
        }

        byte[] bytes() {
            return bytes;
        }

        @Nullable
        ProcessExit end() {
            return end;
        }

        private Place append(OutputKind to, byte[] what) {
            stream = to;
            bytes = what;
            var length = what.length;
            var after = new Place(
                    stdout + (to == OutputKind.STDOUT ? length : 0),
                    stderr + (to == OutputKind.STDERR ? length : 0),
                    weight + length + CHUNK_OVERHEAD);
            next = after;
            return after;
        }

        private void finish(ProcessExit exit) {
            end = exit;
            next = new Place(stdout, stderr, weight);
        }
    }

    /**
     * Adds bytes, which are the spool's from now on. After the end they are dropped: who reads for a process that leaves its
     * output open may be cut off in the middle of this.
     *
     * @return whether more may be appended now; after false, wait for {@link #onRoom}
     */
    public boolean append(OutputKind stream, byte[] bytes) {
        synchronized (writer) {
            if (tail.end != null) {
                return true;
            }
            tail = tail.append(stream, bytes);
        }
        pumpAll();
        return !holdsBack();
    }

    /** Ends the story. Only the first end counts; whoever begins to read later is told it at once. */
    public void finish(ProcessExit exit) {
        synchronized (writer) {
            if (tail.end != null) {
                return;
            }
            tail.finish(exit);
        }
        pumpAll();
    }

    public long stdoutBytes() {
        return tail.stdout;
    }

    public long stderrBytes() {
        return tail.stderr;
    }

    /**
     * A reader that holds the writer back rather than miss a byte. It gets what is appended from now on, and the end.
     *
     * @param sink called by one thread at a time, and not before the reader's first {@link SpoolReader#resume()}
     */
    public SpoolReader readLossless(OutputSink sink) {
        return add(sink, Long.MAX_VALUE);
    }

    /**
     * A reader that misses the oldest bytes when it is too slow, and is told so. It gets what is appended from now on, and
     * the end.
     */
    public SpoolReader readLossy(OutputSink sink) {
        return add(sink, capacity);
    }

    /** When the writer was last held back by a reader, on the clock of {@link System#nanoTime}: now, when it is. */
    public long lastHeldBack() {
        return heldBack ? System.nanoTime() : lastHeldBack;
    }

    /** How many readers there are now. */
    public int readers() {
        return readers.size();
    }

    private SpoolReader add(OutputSink sink, long maxLag) {
        synchronized (writer) {
            var reader = new SpoolReader(this, sink, tail, maxLag);
            readers.add(reader);
            return reader;
        }
    }

    void remove(SpoolReader reader) {
        readers.remove(reader);
        advanced();
    }

    /** A reader got on: the writer may too. */
    void advanced() {
        if (heldBack && !anyLags(capacity / 2)) {
            lastHeldBack = System.nanoTime();
            heldBack = false;
            onRoom.run();
        }
    }

    long tailWeight() {
        return tail.weight;
    }

    private void pumpAll() {
        for (var reader : readers) {
            reader.pump();
        }
    }

    private boolean holdsBack() {
        if (!anyLags(capacity)) {
            return false;
        }
        heldBack = true;
        // A reader may have caught up between the question and the mark, and then nobody else would look.
        advanced();
        return heldBack;
    }

    private boolean anyLags(long by) {
        for (var reader : readers) {
            if (reader.lossless() && tail.weight - reader.weight() > by) {
                return true;
            }
        }
        return false;
    }
}
