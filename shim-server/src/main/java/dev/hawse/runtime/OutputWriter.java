package dev.hawse.runtime;

/**
 * Takes what a process writes, for whoever reads it. One thread at a time appends; the rest may be called from any. Nothing
 * here blocks.
 */
public interface OutputWriter {

    /**
     * Adds bytes, which are this writer's from now on. After the end they are dropped: who reads for a process that leaves
     * its output open may be cut off in the middle of this.
     *
     * @return whether more may be appended now; after false, wait for {@link #onRoom}
     */
    boolean append(OutputKind stream, byte[] bytes);

    /**
     * Says what to call when the writer was held back and may go on: from any thread, also while the {@link #append} that
     * answers false is still under way. It must not block.
     */
    void onRoom(Runnable onRoom);

    /**
     * Says that bytes are missing here, which counts for the offsets of what follows. Never of a gap that may be none: that
     * is {@link #possibleGap}.
     *
     * @param count how many, at least 1
     */
    void gap(OutputKind stream, long count);

    /** Says that bytes of any stream may be missing here, and that nobody knows how many. */
    void possibleGap();

    /** Ends the story. Only the first end counts; whoever begins to read later is told it at once. */
    void finish(ProcessExit exit);

    /** How much there was of each stream so far. */
    OutputOffsets head();

    /** When the writer was last held back by a reader, on the clock of {@link System#nanoTime}: now, when it is. */
    long lastHeldBack();
}
