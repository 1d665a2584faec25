package dev.hawse.runtime;

/** Takes what a process writes. Called by one thread at a time; must not block. */
public interface OutputSink {

    /**
     * The next bytes of a stream. The array belongs to the receiver and must not be changed by anybody.
     *
     * @param offset the place of the first byte in its stream
     * @return whether more is wanted now; after false nothing comes until {@link ProcessSession#resumeOutput()}
     */
    boolean output(OutputKind stream, long offset, byte[] bytes);

    /**
     * Bytes that this sink does not get.
     *
     * @param from the first byte missing
     * @param to the first byte after the gap; equal to {@code from} with {@link GapCause#SERVER_KILLED} alone
     */
    void gap(OutputKind stream, long from, long to, GapCause cause);

    /** The end, after the last byte; nothing comes after it. */
    void exited(ProcessExit exit);
}
