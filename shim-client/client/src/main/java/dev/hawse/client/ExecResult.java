package dev.hawse.client;

import java.nio.charset.StandardCharsets;

/**
 * What a command said and how it ended. The arrays belong to the receiver.
 *
 * @param stdout what the command wrote, exactly, up to the limit
 * @param stderr the same for standard error; empty for a command with a terminal
 * @param truncated whether a stream was longer than the limit; {@link ProcessExit} tells how long
 */
public record ExecResult(byte[] stdout, byte[] stderr, boolean truncated, ProcessExit exit) {

    /** The output as a string; what is no UTF-8 is replaced. */
    public String stdoutUtf8() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /** The error output as a string; what is no UTF-8 is replaced. */
    public String stderrUtf8() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /** How it ended. */
    public ExitStatus status() {
        return exit.status();
    }

    /** Whether it exited with code 0. */
    public boolean success() {
        return exit.success();
    }

    @Override
    public String toString() {
        return "ExecResult[" + exit.status() + ", stdout=" + stdout.length + " bytes, stderr=" + stderr.length
                + " bytes" + (truncated ? ", truncated]" : "]");
    }
}
