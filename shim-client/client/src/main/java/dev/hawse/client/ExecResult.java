package dev.hawse.client;

import java.nio.charset.StandardCharsets;

/** What a command said and how it ended. Immutable, as long as nobody writes to the arrays, which are not copied. */
public final class ExecResult {

    private final byte[] stdout;
    private final byte[] stderr;
    private final boolean truncated;
    private final ProcessExit exit;

    ExecResult(byte[] stdout, byte[] stderr, boolean truncated, ProcessExit exit) {
        this.stdout = stdout;
        this.stderr = stderr;
        this.truncated = truncated;
        this.exit = exit;
    }

    /** What the command wrote, exactly, up to the limit. */
    public byte[] stdout() {
        return stdout;
    }

    /** The same for standard error; empty for a command with a terminal. */
    public byte[] stderr() {
        return stderr;
    }

    /** The output as a string; what is no UTF-8 is replaced. */
    public String stdoutUtf8() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /** The error output as a string; what is no UTF-8 is replaced. */
    public String stderrUtf8() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /** Whether a stream was longer than the limit; {@link #exit()} tells how long. */
    public boolean truncated() {
        return truncated;
    }

    /** All that is known of the end. */
    public ProcessExit exit() {
        return exit;
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
