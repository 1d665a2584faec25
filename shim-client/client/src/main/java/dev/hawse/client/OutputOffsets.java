package dev.hawse.client;

/**
 * A place in both outputs of a process, in bytes since its start. Immutable.
 *
 * @param stdout in standard output; in all output of a process with a terminal
 */
public record OutputOffsets(long stdout, long stderr) {

    /** The beginning. */
    public static final OutputOffsets ZERO = new OutputOffsets(0, 0);

    public OutputOffsets {
        if (stdout < 0 || stderr < 0) {
            throw new IllegalArgumentException("offsets: negative (got " + stdout + ", " + stderr + ")");
        }
    }
}
