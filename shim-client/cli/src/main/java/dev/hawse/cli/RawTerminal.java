package dev.hawse.cli;

import dev.hawse.client.TerminalSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * Our own terminal while a process at the other end has one. Closing it, and the end of the program by a signal too, gives
 * it back exactly as it was.
 */
final class RawTerminal implements AutoCloseable {

    private final Termios before;
    private boolean changed;

    private RawTerminal(Termios before) {
        this.before = before;
    }

    /** The terminal on standard input, unchanged yet. */
    static RawTerminal open() throws IOException {
        return new RawTerminal(Termios.current());
    }

    TerminalSize size() {
        try {
            return Termios.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void onResize(Consumer<TerminalSize> listener) {
        Signals.handle("WINCH", () -> listener.accept(size()));
    }

    /** Lets every byte pass as it is typed, ctrl-C too. */
    synchronized void makeRaw() throws IOException {
        changed = true;
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::restoreAtExit));
        before.raw().apply();
    }

    private void restoreAtExit() {
        try {
            close();
        } catch (IOException e) {
            // The terminal is gone, and with it what was to be restored.
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (changed) {
            changed = false;
            before.apply();
        }
    }
}
