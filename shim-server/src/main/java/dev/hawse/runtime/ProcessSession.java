package dev.hawse.runtime;

/**
 * One caller's hold on a process: its input, its terminal and the pace of its output. Safe for use by any number of
 * threads; no method blocks. After {@link #close()} every method does nothing.
 */
public interface ProcessSession extends Registration {

    /** Lets output come, at first and after {@link OutputSink#output} has returned false. */
    void resumeOutput();

    /**
     * Gives bytes to the process's input. The bytes must not be changed until {@code accepted} has run, which is when they
     * have been taken, or when there is nobody left to take them; only then may the next write come. {@code accepted} runs
     * on the caller's thread or on one that must not be blocked.
     *
     * @throws RuntimeFailure with {@link Reason#PROTOCOL_VIOLATION} when input is not open
     */
    void write(byte[] bytes, Runnable accepted);

    /** Ends the input after what was written. On a terminal it types Ctrl-D. May be called at any time; once is enough. */
    void endInput();

    /** Changes the terminal's size; nothing for a process without. Of several in quick succession the newest counts. */
    void resize(TerminalSize size);

    /** Sends a signal some time soon; nothing when the process has ended. */
    void signal(Signal signal, SignalScope scope);
}
