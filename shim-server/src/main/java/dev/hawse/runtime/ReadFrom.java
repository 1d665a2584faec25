package dev.hawse.runtime;

/** Where in a process's output somebody begins to read. */
public sealed interface ReadFrom {

    /** What is written from now on. */
    record Now() implements ReadFrom {}

    /** The oldest bytes that are kept, and all that follow. */
    record Oldest() implements ReadFrom {}

    /** These bytes and all that follow, in the order in which they were written. Who has read so far goes on here. */
    record At(OutputOffsets offsets) implements ReadFrom {}
}
