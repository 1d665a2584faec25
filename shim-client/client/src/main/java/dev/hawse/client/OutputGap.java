package dev.hawse.client;

/**
 * Bytes that this reader did not get. Immutable.
 *
 * @param from the first byte missing
 * @param to the first byte after the gap; the same as {@code from} for {@link Cause#SERVER_KILLED}, where nobody knows
 */
public record OutputGap(OutputKind stream, long from, long to, Cause cause) {

    /** Why they are missing. */
    public enum Cause {
        /** The reader fell behind by more than is kept for it. */
        READER_TOO_SLOW,
        /** They were no longer kept when the reader began. */
        NOT_KEPT,
        /** The server was killed here while output was on its way: bytes may be missing, nobody knows how many. */
        SERVER_KILLED,
        /** The server did not say. */
        UNKNOWN
    }

    /** How many bytes are known to be missing. */
    public long bytes() {
        return to - from;
    }
}
