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
    private volatile Node tail = new Node(null, null, 0);
    private long stdoutBytes;
    private long stderrBytes;
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

    /** Says what to call, from any thread, when the writer was held back and may go on; it must not block. */
    public void onRoom(Runnable onRoom) {
        this.onRoom = onRoom;
    }

    /** One piece of the story: bytes, or the end. Readers hold the node they have had last, and the collector does the rest. */
    static final class Node {
        final @Nullable Chunk chunk;
        final @Nullable ProcessExit exit;
        /** Weight of everything up to and with this node. */
        final long weight;

        volatile @Nullable Node next;

        Node(@Nullable Chunk chunk, @Nullable ProcessExit exit, long weight) {
            this.chunk = chunk;
            this.exit = exit;
            this.weight = weight;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Chunk(OutputKind stream, long offset, byte[] bytes) {}

    /**
     * Adds bytes, which are the spool's from now on.
     *
     * @return whether more may be appended now; after false, wait for {@link #onRoom}
     */
    public boolean append(OutputKind stream, byte[] bytes) {
        synchronized (writer) {
            var offset = stream == OutputKind.STDOUT ? stdoutBytes : stderrBytes;
            if (stream == OutputKind.STDOUT) {
                stdoutBytes += bytes.length;
            } else {
                stderrBytes += bytes.length;
            }
            link(new Node(new Chunk(stream, offset, bytes), null, tail.weight + bytes.length + CHUNK_OVERHEAD));
        }
        readers.forEach(SpoolReader::pump);
        return !holdsBack();
    }

    /** Ends the story; nothing is appended after it. */
    public void finish(ProcessExit exit) {
        synchronized (writer) {
            link(new Node(null, exit, tail.weight));
        }
        readers.forEach(SpoolReader::pump);
    }

    public long stdoutBytes() {
        synchronized (writer) {
            return stdoutBytes;
        }
    }

    public long stderrBytes() {
        synchronized (writer) {
            return stderrBytes;
        }
    }

    /**
     * A reader that holds the writer back rather than miss a byte. It gets what is appended from now on.
     *
     * @param sink called by one thread at a time, and not before the reader's first {@link SpoolReader#resume()}
     */
    public SpoolReader readLossless(OutputSink sink) {
        return add(sink, Long.MAX_VALUE);
    }

    /** A reader that misses the oldest bytes when it is too slow, and is told so. It gets what is appended from now on. */
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
            var reader = new SpoolReader(this, sink, tail, maxLag, stdoutBytes, stderrBytes);
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
        if (heldBack && readers.stream().noneMatch(r -> r.lossless() && lag(r) > capacity / 2)) {
            lastHeldBack = System.nanoTime();
            heldBack = false;
            onRoom.run();
        }
    }

    long tailWeight() {
        return tail.weight;
    }

    private boolean holdsBack() {
        if (readers.stream().noneMatch(r -> r.lossless() && lag(r) > capacity)) {
            return false;
        }
        heldBack = true;
        // A reader may have caught up between the question and the mark, and then nobody else would look.
        advanced();
        return heldBack;
    }

    private long lag(SpoolReader reader) {
        return tailWeight() - reader.weight();
    }

    private void link(Node node) {
        tail.next = node;
        tail = node;
    }
}
