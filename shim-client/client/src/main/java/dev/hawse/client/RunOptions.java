package dev.hawse.client;

/**
 * How {@link HawseClient#run(String, ExecSpec, RunOptions)} feeds a command and how much it keeps of what it says.
 *
 * @param input all of the command's standard input; not copied
 * @param outputLimit the most bytes kept of each stream; what is more is read and dropped
 */
public record RunOptions(byte[] input, int outputLimit) {

    /** No input, and at most 16 MiB of each stream. */
    public static final RunOptions DEFAULT = new RunOptions(new byte[0], 16 << 20);

    public RunOptions {
        if (outputLimit < 0) {
            throw new IllegalArgumentException(
                    "outputLimit: is negative (got " + outputLimit + "), allowed is 0 and more");
        }
    }

    public RunOptions withInput(byte[] bytes) {
        return new RunOptions(bytes, outputLimit);
    }

    public RunOptions withOutputLimit(int bytes) {
        return new RunOptions(input, bytes);
    }
}
