package dev.hawse.cli;

import dev.hawse.client.TerminalSize;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** When a process's terminal is tied to ours. */
final class Terminals {

    private Terminals() {}

    /** Ours, when the process has one and ours is there to be tied to it; else null. */
    static @Nullable RawTerminal open(Console console, boolean tty, boolean input) throws IOException {
        if (!tty) {
            return null;
        }
        if (!console.inIsTerminal()) {
            if (input) {
                throw new CliFailure("the input device is not a TTY");
            }
            return null;
        }
        return RawTerminal.open();
    }

    static TerminalSize size(@Nullable RawTerminal terminal) {
        return terminal == null ? TerminalSize.DEFAULT : terminal.size();
    }
}
