package dev.hawse.runtime;

import java.util.concurrent.CompletableFuture;

/**
 * The engine's hold on a command that runs. Safe for use by any number of threads; no method blocks. After the end of the
 * command every method does nothing, but for {@link #release()}.
 */
public interface ExecControl {

    /**
     * Gives bytes to the command's input, behind what was given before. The bytes must not be changed until {@code accepted}
     * has run, which is when they have been taken, or when there is nobody left to take them. {@code accepted} runs on the
     * caller's thread or on one that must not be blocked.
     *
     * @throws RuntimeFailure with {@link Reason#PROTOCOL_VIOLATION} when input is not open
     */
    void write(byte[] bytes, Runnable accepted);

    /** Ends the input after what was written. On a terminal it types Ctrl-D. */
    void endInput();

    /** Changes the terminal's size; nothing for a command without. Of several in quick succession the newest counts. */
    void resize(TerminalSize size);

    /**
     * Sends a signal. Completes when it has been sent or nobody is left to get it, or fails with a {@link RuntimeFailure};
     * on a thread that may be blocked. After the end of the command, {@link SignalScope#TREE} still reaches those that
     * descend from it and were known before.
     */
    CompletableFuture<Void> signal(Signal signal, SignalScope scope);

    /** Whether the command itself has ended; its output may not have. */
    boolean hasExited();

    /**
     * Frees what the engine still keeps of a command that has ended, so that its end could be asked for again. To be called
     * once, after the end, when that is remembered elsewhere.
     */
    void release();
}
