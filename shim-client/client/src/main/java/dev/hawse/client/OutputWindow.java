package dev.hawse.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The unread output of one session, under one bound for both streams. Every method is called with the session's lock,
 * which is let go while a file is written or read. The contract is told at {@link ProcessSession}.
 */
final class OutputWindow {

    /** Bytes read back from a file at once. */
    private static final int FILE_READ = 64 << 10;

    private final ReentrantLock lock;
    private final Condition changed;
    private final Runnable requestMore;
    private final int bound;
    private final @Nullable Path directory;
    private final OutputLane stdout = new OutputLane();
    private final OutputLane stderr = new OutputLane();
    private final List<OutputLane> lanes = List.of(stdout, stderr);
    private long chunks;
    private boolean paused;
    private boolean closed;

    OutputWindow(ReentrantLock lock, Condition changed, Runnable requestMore, int bound, @Nullable Path directory) {
        this.lock = lock;
        this.changed = changed;
        this.requestMore = requestMore;
        this.bound = bound;
        this.directory = directory;
    }

    void add(OutputKind kind, ByteString data) {
        if (!data.isEmpty()) {
            lane(kind).add(chunks++, data);
        }
    }

    /** After a message from the server: asks for the next one, or leaves that to whoever makes room. */
    void requestNext() {
        if (held() < bound) {
            requestMore.run();
        } else {
            paused = true;
        }
    }

    private void resume() {
        // With half of the window free the server can send in a row, rather than a chunk per chunk read.
        if (paused && held() <= bound / 2) {
            paused = false;
            requestMore.run();
        }
    }

    private long held() {
        return stdout.held() + stderr.held();
    }

    boolean isEmpty() {
        return stdout.isEmpty() && stderr.isEmpty();
    }

    boolean isEmpty(OutputKind kind) {
        return lane(kind).isEmpty();
    }

    boolean isDropping(OutputKind kind) {
        return lane(kind).isDropping();
    }

    /** Whether the server waits for room and a thread that waits for something else may have to make it. */
    boolean isPaused() {
        return paused;
    }

    /** Which output has the bytes that came first. */
    OutputKind first() {
        boolean err = stdout.isEmpty() || (!stdout.onDisk() && stderr.nextNumber() < stdout.nextNumber());
        return err ? OutputKind.STDERR : OutputKind.STDOUT;
    }

    /** Takes the next bytes of one output, for its only reader; null when there are none now. */
    @Nullable
    ByteString take(OutputKind kind, int most) throws IOException, InterruptedException {
        var lane = lane(kind);
        while (lane.isMoving()) {
            changed.await();
        }
        lane.readBy(Thread.currentThread());
        var file = lane.file();
        if (file == null || file.unread() == 0) {
            var data = lane.take(most);
            resume();
            return data;
        }
        ByteString data;
        int size = (int) Math.min(Math.min(most, FILE_READ), file.unread());
        lock.unlock();
        try {
            data = file.peek(size);
        } finally {
            lock.lock();
        }
        file.consumed(data.size());
        if (file.unread() == 0 && !lane.isMoving()) {
            file.reset();
        }
        lane.readBy(Thread.currentThread());
        return data;
    }

    /** Takes the next bytes in memory of one output, without ever waiting. */
    @Nullable
    ByteString poll(OutputKind kind) {
        var data = lane(kind).take(Integer.MAX_VALUE);
        resume();
        return data;
    }

    /**
     * When the window is full of bytes that nobody attends to, moves those of one output to its file.
     *
     * @return how long to wait before it may help to try again; 0 when something was moved
     */
    long makeRoom() throws IOException {
        long wait = Long.MAX_VALUE;
        for (var lane : lanes) {
            if (paused && !closed && lane.inMemory() && !lane.isMoving()) {
                long attended = lane.attendedFor(Thread.currentThread());
                if (attended == 0) {
                    move(lane);
                    return 0;
                }
                wait = Math.min(wait, attended);
            }
        }
        return wait;
    }

    private void move(OutputLane lane) throws IOException {
        var batch = lane.beginMove();
        try {
            var file = lane.file();
            long bytes;
            lock.unlock();
            try {
                if (file == null) {
                    file = new SpillFile(directory);
                }
                bytes = file.append(batch);
            } finally {
                lock.lock();
            }
            if (closed || lane.isDropping()) {
                file.close();
            } else {
                file.appended(bytes);
                lane.file(file);
            }
        } finally {
            lane.endMove();
            resume();
            changed.signalAll();
        }
    }

    /** Forgets one output, from now on. */
    void drop(OutputKind kind) {
        lane(kind).drop();
        discardFile(lane(kind));
        resume();
        changed.signalAll();
    }

    /** Forgets everything. */
    void close() {
        closed = true;
        for (var lane : lanes) {
            lane.drop();
            discardFile(lane);
        }
    }

    private static void discardFile(OutputLane lane) {
        var file = lane.file();
        if (file != null) {
            lane.file(null);
            try {
                file.close();
            } catch (IOException ignored) {
                // It has no name and nobody reads it any more.
            }
        }
    }

    private OutputLane lane(OutputKind kind) {
        return kind == OutputKind.STDOUT ? stdout : stderr;
    }
}
