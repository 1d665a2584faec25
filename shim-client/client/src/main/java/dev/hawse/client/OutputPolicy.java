package dev.hawse.client;

import org.jspecify.annotations.Nullable;

/**
 * What happens to a command's output that nobody has read yet, and how much is kept of what was read. Immutable; the server
 * checks it.
 *
 * @param bytes how much may wait, or is kept; 0 for the server's default for the kind
 * @param history how many of the newest bytes are kept for those who attach later; null for 1 MiB when the command may be
 *     left, else none
 */
public record OutputPolicy(Kind kind, long bytes, @Nullable Long history) {

    /** What to do when a reader does not keep up. */
    public enum Kind {
        /** Nothing is lost; the process waits, as before a full pipe. */
        BLOCK,
        /** The process never waits; the newest bytes are kept, and a reader is told what it missed. */
        RING,
        /** Nothing is lost; the process waits only when so many bytes wait on disk. */
        SPILL
    }

    public OutputPolicy {
        if (bytes < 0 || (history != null && history < 0)) {
            throw new IllegalArgumentException("output: a size is negative (got " + bytes + ", " + history + ")");
        }
    }

    /** The process waits for its readers: the default. */
    public static OutputPolicy block() {
        return new OutputPolicy(Kind.BLOCK, 0, null);
    }

    /** The newest bytes are kept. */
    public static OutputPolicy ring(long bytes) {
        return new OutputPolicy(Kind.RING, bytes, null);
    }

    /** So many bytes wait on disk. */
    public static OutputPolicy spill(long bytes) {
        return new OutputPolicy(Kind.SPILL, bytes, null);
    }

    public OutputPolicy withHistory(long v) {
        return new OutputPolicy(kind, bytes, v);
    }
}
