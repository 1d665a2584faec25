package dev.hawse.runtime;

/**
 * A place in what a process writes.
 *
 * @param stdout bytes of standard output before it
 * @param stderr bytes of standard error before it
 */
public record OutputOffsets(long stdout, long stderr) {

    public OutputOffsets {
        if (stdout < 0 || stderr < 0) {
            throw new IllegalArgumentException("offsets: must not be negative (got " + stdout + " and " + stderr + ")");
        }
    }

    @Override
    public String toString() {
        return "stdout " + stdout + ", stderr " + stderr;
    }
}
