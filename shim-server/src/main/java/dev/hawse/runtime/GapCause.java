package dev.hawse.runtime;

/** Why bytes are missing in what a reader gets. */
public enum GapCause {
    /** The reader fell behind by more than is kept for it. */
    READER_TOO_SLOW,
    /** They were lost before this reader was concerned. */
    NOT_KEPT,
    /**
     * The server was killed here while output was on its way: bytes may be missing, nobody knows how many. Offsets count
     * what was read, so such a gap ends where it begins.
     */
    SERVER_KILLED
}
