package dev.hawse.exec;

import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.TerminalSize;
import org.jspecify.annotations.Nullable;

/**
 * How a caller wants to be attached.
 *
 * @param input what it has to do with the input
 * @param size the terminal's, applied at once; null leaves it
 * @param lossy whether it would rather miss bytes than hold the command back
 */
public record Joining(ReadFrom from, Input input, @Nullable TerminalSize size, boolean lossy) {

    /** What a caller has to do with a command's input. */
    public enum Input {
        /** Nothing. */
        NONE,
        /** It gives it when nobody else does, and else only reads. */
        IF_FREE,
        /** It gives it; refused when another one does. */
        WANTED,
        /** It gives it, whoever does so now. */
        TAKE_OVER
    }

    /** Who starts a command: all of its output, and its input when it has one. */
    public static Joining starter(boolean stdin) {
        return new Joining(new ReadFrom.Oldest(), stdin ? Input.IF_FREE : Input.NONE, null, false);
    }
}
