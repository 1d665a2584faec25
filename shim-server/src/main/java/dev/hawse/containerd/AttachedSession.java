package dev.hawse.containerd;

import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.stream.Spool;
import dev.hawse.stream.SpoolReader;

/**
 * A caller's hold on one run of a container's main process, which may not have been started yet. What is done before the
 * start is kept for it; what is done after the end reaches no later run. Leaving changes nothing for the process.
 */
final class AttachedSession implements ProcessSession {

    private final ContainerEntry entry;
    private final Spool run;
    private final SpoolReader reader;
    private volatile boolean closed;

    AttachedSession(ContainerEntry entry, Spool run, SpoolReader reader) {
        this.entry = entry;
        this.run = run;
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
        } else if (!entry.spec.io().stdin()) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: the container was created without it");
        } else {
            entry.input(run, stdio -> stdio.write(bytes, accepted), accepted);
        }
    }

    @Override
    public void endInput() {
        if (!closed && entry.spec.io().stdin()) {
            entry.input(run, Stdio::endInput, () -> {});
        }
    }

    @Override
    public void resize(TerminalSize size) {
        if (!closed && entry.spec.io().terminal()) {
            entry.resize(run, size);
        }
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        var process = entry.processOf(run);
        if (process != null && !closed) {
            process.signalSoon(signal, scope);
        }
    }

    @Override
    public void close() {
        closed = true;
        reader.close();
    }
}
