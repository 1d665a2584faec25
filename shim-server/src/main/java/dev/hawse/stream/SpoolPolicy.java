package dev.hawse.stream;

import java.nio.file.Path;
import java.util.concurrent.Executor;

/** What a {@link Spool} does when its readers are slower than its writer. Sizes are in bytes. */
public sealed interface SpoolPolicy {

    /** How much of what waits for a reader is in memory at most, but for one chunk. */
    long window();

    /** What becomes of bytes while there is no reader. */
    Unread unread();

    /**
     * The writer is held back when a lossless reader has not had so much.
     *
     * @param window how far such a reader may fall behind
     * @param unread what becomes of bytes while there is no reader
     */
    record Block(long window, Unread unread) implements SpoolPolicy {
        public Block {
            positive("window", window);
        }
    }

    /**
     * The writer is never held back: every reader is lossy.
     *
     * @param bytes how many of the newest bytes are kept
     */
    record Ring(long bytes) implements SpoolPolicy {
        public Ring {
            positive("bytes", bytes);
        }

        @Override
        public long window() {
            return bytes;
        }

        @Override
        public Unread unread() {
            return Unread.PASS;
        }
    }

    /**
     * What a lossless reader has not had goes to disk, and the writer is held back when that is full.
     *
     * @param window how much stays in memory
     * @param bytes how large the file may grow
     * @param dir where the file is made when it is needed; it has no name, so that no crash leaves it
     * @param workers does what may wait for the disk
     */
    record Spill(long window, long bytes, Path dir, Executor workers, Unread unread) implements SpoolPolicy {
        public Spill {
            positive("window", window);
            positive("bytes", bytes);
        }
    }

    /** What becomes of bytes while there is no reader at all. */
    enum Unread {
        /** They are gone, but for the history. */
        PASS,
        /** They wait as if a reader had stalled where the last one left, or at the beginning. */
        WAIT
    }

    private static void positive(String field, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(field + ": must be positive (got " + value + ")");
        }
    }
}
