package dev.hawse.client;

/** From which byte on a reader wants output. Every value is immutable. */
public sealed interface ReadFrom {

    /** From the oldest bytes that are kept. */
    ReadFrom OLDEST = new Oldest();

    /** Only what comes from now on. */
    ReadFrom NOW = new Now();

    /** From these bytes on, such as {@link ExecSession#delivered()} of an earlier session. */
    static ReadFrom offsets(OutputOffsets at) {
        return new At(at);
    }

    record Oldest() implements ReadFrom {}

    record Now() implements ReadFrom {}

    record At(OutputOffsets offsets) implements ReadFrom {}
}
