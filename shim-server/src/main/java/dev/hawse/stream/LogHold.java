package dev.hawse.stream;

import dev.hawse.sys.TailLock;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the writer of a log wait rather than take files away that a reader still needs. It lasts until it is released or closed,
 * and no longer than this process lives. For one thread at a time; nothing here blocks.
 */
final class LogHold implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LogHold.class);
    private static final long NONE = -1;

    private final LogFolder folder;
    private @Nullable TailLock lock;
    private long held = NONE;
    private boolean failed;

    LogHold(LogFolder folder) {
        this.folder = folder;
    }

    /**
     * Files from this number on are needed. When the writer is just taking one of them away, nothing is changed; where the disk
     * allows no lock, the reader is told what it misses.
     */
    void from(long number) {
        if (number == held || failed) {
            return;
        }
        try {
            var own = lock == null ? TailLock.open(folder.reader()) : lock;
            lock = own;
            if (own.from(number)) {
                held = number;
            }
        } catch (IOException e) {
            failed = true;
            log.warn("a container's output cannot be held back in {}: {}", folder.path(), e.getMessage());
        }
    }

    /** None is needed. */
    void release() throws IOException {
        if (lock != null && held != NONE) {
            lock.release();
            held = NONE;
        }
    }

    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
    }
}
