package dev.hawse.containerd;

import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.stream.SpoolReader;

/** A caller's hold on a command. Leaving before its end ends it: nobody reads what it writes any more. */
final class CommandSession implements ProcessSession {

    private final ManagedProcess process;
    private final SpoolReader reader;
    private volatile boolean closed;

    CommandSession(ManagedProcess process, SpoolReader reader) {
        this.process = process;
        this.reader = reader;
    }

    @Override
    public void resumeOutput() {
        reader.resume();
    }

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        if (closed) {
            accepted.run();
        } else {
            process.stdio().write(bytes, accepted);
        }
    }

    @Override
    public void endInput() {
        if (!closed) {
            process.stdio().endInput();
        }
    }

    @Override
    public void resize(TerminalSize size) {
        if (!closed) {
            process.resizeSoon(size);
        }
    }

    @Override
    public void signal(Signal signal) {
        if (!closed) {
            process.signalSoon(signal);
        }
    }

    @Override
    public void close() {
        reader.close();
        if (!closed && !process.hasEnded()) {
            process.signalSoon(Signal.KILL);
        }
        closed = true;
    }
}
