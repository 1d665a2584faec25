package dev.hawse.runtime;

import org.jspecify.annotations.Nullable;

/**
 * The terminal and input of a process, as asked for at its start.
 *
 * @param stdin whether input is kept open; else the process reads /dev/null
 * @param size the terminal's size from the first byte on; null without a terminal
 */
public record ProcessIo(boolean stdin, @Nullable TerminalSize size) {

    public static final ProcessIo NONE = new ProcessIo(false, null);

    public boolean terminal() {
        return size != null;
    }
}
