package dev.hawse.exec;

import dev.hawse.runtime.RuntimeFailure;

/**
 * What happens to output that nobody has read yet, and how much is kept of what was read. Immutable.
 *
 * @param bytes how many may wait, or are kept
 * @param history how many of the newest are kept for those who come later, also after the end
 */
public record OutputPolicy(Kind kind, long bytes, long history) {

    public static final long MOST_HISTORY = 64L << 20;

    /** A command that may be left keeps so much for those who come back. */
    public static final long HISTORY = 1L << 20;

    /** What becomes of what nobody reads. */
    public enum Kind {
        /** The process waits. */
        BLOCK("output.block.window", "4 KiB to 64 MiB", 4L << 10, 64L << 20, 256L << 10),
        /** The oldest goes. */
        RING("output.ring.bytes", "4 KiB to 64 MiB", 4L << 10, 64L << 20, 1L << 20),
        /** It waits on disk, and the process only when that is full. */
        SPILL("output.spill.bytes", "64 KiB to 64 GiB", 64L << 10, 64L << 30, 1L << 30);

        private final String field;
        private final String allowed;
        private final long least;
        private final long most;
        private final long fallback;

        Kind(String field, String allowed, long least, long most, long fallback) {
            this.field = field;
            this.allowed = allowed;
            this.least = least;
            this.most = most;
            this.fallback = fallback;
        }

        /** What counts where a caller says nothing. */
        public long fallback() {
            return fallback;
        }
    }

    public OutputPolicy {
        if (bytes < kind.least || bytes > kind.most) {
            throw RuntimeFailure.invalid(
                    kind.field, "must be " + kind.allowed + " (got " + Long.toUnsignedString(bytes) + " bytes)");
        }
        if (history < 0 || history > MOST_HISTORY) {
            throw RuntimeFailure.invalid(
                    "output.history", "must be at most 64 MiB (got " + Long.toUnsignedString(history) + " bytes)");
        }
    }

    /** Lossless, with nothing kept. */
    public static OutputPolicy block() {
        return new OutputPolicy(Kind.BLOCK, Kind.BLOCK.fallback, 0);
    }

    public OutputPolicy withHistory(long history) {
        return new OutputPolicy(kind, bytes, history);
    }
}
