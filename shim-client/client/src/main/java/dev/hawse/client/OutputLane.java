package dev.hawse.client;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The unread bytes of one output: the older ones in a file, the newer ones in memory. Guarded by the session's lock. */
final class OutputLane {

    /** How long a stream counts as attended to after somebody read from it. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What a chunk costs beside its bytes, so that a million chunks of one byte are not held for nothing. */
    private static final int OVERHEAD = 128;

    private record Chunk(long number, ByteString data) {}

    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private long held;
    private long moving;
    private @Nullable SpillFile file;
    private boolean dropping;
    private long lastReader = -1;
    private long lastRead;

    void add(long number, ByteString data) {
        if (!dropping) {
            chunks.add(new Chunk(number, data));
            held += data.size() + OVERHEAD;
        }
    }

    /** Bytes of memory that this takes, those on their way to the file included. */
    long held() {
        return held + moving;
    }

    boolean isEmpty() {
        return chunks.isEmpty() && moving == 0 && !onDisk();
    }

    boolean inMemory() {
        return !chunks.isEmpty();
    }

    /** Whether the next bytes are in the file. */
    boolean onDisk() {
        return file != null && file.unread() > 0;
    }

    /** Whether a thread moves bytes to the file; until it is done nobody may read on. */
    boolean isMoving() {
        return moving > 0;
    }

    boolean isDropping() {
        return dropping;
    }

    @Nullable
    SpillFile file() {
        return file;
    }

    void file(@Nullable SpillFile to) {
        file = to;
    }

    /** The place of the next chunk in memory among all chunks of both streams. */
    long nextNumber() {
        var first = chunks.peek();
        return first == null ? Long.MAX_VALUE : first.number();
    }

    /** The next bytes in memory, at most so many; null when there are none. */
    @Nullable
    ByteString take(int most) {
        var first = chunks.poll();
        if (first == null) {
            return null;
        }
        var data = first.data();
        if (data.size() <= most) {
            held -= data.size() + OVERHEAD;
            return data;
        }
        chunks.addFirst(new Chunk(first.number(), data.substring(most)));
        held -= most;
        return data.substring(0, most);
    }

    /** Everything in memory, to be moved. */
    List<ByteString> beginMove() {
        var all = new ArrayList<ByteString>(chunks.size());
        chunks.forEach(c -> all.add(c.data()));
        chunks.clear();
        moving = held;
        held = 0;
        return all;
    }

    void endMove() {
        moving = 0;
    }

    /** Forgets what there is and what comes. */
    void drop() {
        dropping = true;
        chunks.clear();
        held = 0;
    }

    void readBy(Thread thread) {
        lastReader = thread.getId();
        lastRead = System.nanoTime();
    }

    /** For how many nanoseconds this still counts as attended to, in the eyes of a thread that waits for something else. */
    long attendedFor(Thread waiting) {
        if (lastReader < 0 || lastReader == waiting.getId()) {
            return 0;
        }
        return Math.max(0, PATIENCE_NANOS - (System.nanoTime() - lastRead));
    }
}
