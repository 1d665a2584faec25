package dev.hawse.containerd;

import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.stream.SpoolReader;

/** A caller's hold on a container's main process, which may not have been started yet. Leaving changes nothing for it. */
final class AttachedSession implements ProcessSession {

    private final ContainerEntry entry;
    private final SpoolReader reader;

    AttachedSession(ContainerEntry entry, SpoolReader reader) {
        this.entry = entry;
        this.reader = reader;
    }

    @Override
    public void resumeOutput() {
        reader.resume();
    }

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        var process = entry.process();
        if (process == null) {
            if (entry.lastExit() == null) {
                throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: the container has not been started yet");
            }
            accepted.run();
            return;
        }
        process.stdio().write(bytes, accepted);
    }

    @Override
    public void endInput() {
        var process = entry.process();
        if (process != null) {
            process.stdio().endInput();
        }
    }

    @Override
    public void resize(TerminalSize size) {
        if (!entry.spec.io().terminal()) {
            return;
        }
        var process = entry.sizeAtStart(size);
        if (process != null) {
            process.resizeSoon(size);
        }
    }

    @Override
    public void signal(Signal signal) {
        var process = entry.process();
        if (process != null) {
            process.signalSoon(signal);
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
