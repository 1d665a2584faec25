package dev.hawse.client;

/** How {@link HawseClient#run(String, ExecSpec, RunOptions)} feeds a command and how much it keeps. Immutable. */
public final class RunOptions {

    /** No input, and at most 16 MiB of each stream. */
    public static final RunOptions DEFAULT = new RunOptions(new byte[0], 16 << 20);

    private final byte[] input;
    private final int outputLimit;

    private RunOptions(byte[] input, int outputLimit) {
        this.input = input;
        this.outputLimit = outputLimit;
    }

    /** With all of the command's standard input; not copied. */
    public RunOptions withInput(byte[] bytes) {
        return new RunOptions(bytes, outputLimit);
    }

    /** With another limit on the bytes kept of each stream; what is more is read and dropped. */
    public RunOptions withOutputLimit(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("outputLimit: is negative (got " + bytes + "), allowed is 0 and more");
        }
        return new RunOptions(input, bytes);
    }

    byte[] input() {
        return input;
    }

    int outputLimit() {
        return outputLimit;
    }
}
