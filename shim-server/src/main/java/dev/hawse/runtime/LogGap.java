package dev.hawse.runtime;

import java.time.Instant;

/**
 * Bytes that a log does not have.
 *
 * @param time of the record after them
 * @param bytes how many, at least
 */
public record LogGap(OutputKind stream, Instant time, long bytes, Cause cause) {

    /** Why they are missing. */
    public enum Cause {
        /** The disk took nothing. */
        DISK_FULL,
        /** The log had become too long before this reader came to them. */
        ROTATED
    }
}
