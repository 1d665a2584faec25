package dev.hawse.cli;

import dev.hawse.client.TerminalSize;
import java.io.IOException;
import java.util.EnumSet;
import java.util.function.Consumer;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.ControlFlag;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Attributes.OutputFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Our own terminal while a process at the other end has one: every byte passes, none means anything here. Closing it, and
 * the end of the program by a signal too, gives it back as it was.
 */
final class RawTerminal implements AutoCloseable {

    private final Terminal terminal;
    private final Attributes before;

    private RawTerminal(Terminal terminal) {
        this.terminal = terminal;
        this.before = terminal.getAttributes();
    }

    /** The terminal on standard input, unchanged yet. */
    static RawTerminal open() throws IOException {
        return new RawTerminal(TerminalBuilder.builder()
                .system(true)
                .provider("ffm")
                .dumb(false)
                .systemOutput(TerminalBuilder.SystemOutput.ForcedSysOut)
                .nativeSignals(true)
                .signalHandler(Terminal.SignalHandler.SIG_DFL)
                .build());
    }

    TerminalSize size() {
        var size = terminal.getSize();
        return size.getColumns() < 1 || size.getRows() < 1
                ? TerminalSize.DEFAULT
                : new TerminalSize(size.getColumns(), size.getRows());
    }

    void onResize(Consumer<TerminalSize> listener) {
        terminal.handle(Terminal.Signal.WINCH, _ -> listener.accept(size()));
    }

    /** As cfmakeraw(3); JLine's own raw mode leaves signal characters and output processing as they are. */
    void makeRaw() {
        var raw = new Attributes(before);
        raw.setInputFlags(
                EnumSet.of(
                        InputFlag.IGNBRK,
                        InputFlag.BRKINT,
                        InputFlag.PARMRK,
                        InputFlag.ISTRIP,
                        InputFlag.INLCR,
                        InputFlag.IGNCR,
                        InputFlag.ICRNL,
                        InputFlag.IXON),
                false);
        raw.setOutputFlags(EnumSet.of(OutputFlag.OPOST), false);
        raw.setLocalFlags(
                EnumSet.of(LocalFlag.ECHO, LocalFlag.ECHONL, LocalFlag.ICANON, LocalFlag.ISIG, LocalFlag.IEXTEN),
                false);
        raw.setControlFlags(EnumSet.of(ControlFlag.PARENB), false);
        raw.setControlFlags(EnumSet.of(ControlFlag.CS8), true);
        raw.setControlChar(ControlChar.VMIN, 1);
        raw.setControlChar(ControlChar.VTIME, 0);
        terminal.setAttributes(raw);
    }

    @Override
    public void close() throws IOException {
        terminal.setAttributes(before);
        terminal.close();
    }
}
