package dev.hawse.exec;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.stream.SpoolReader;

/**
 * One caller's hold on a command. It ends by itself when the caller has been told the end. Safe for use by any number of
 * threads; nothing here blocks.
 */
public final class Attachment implements ProcessSession, OutputSink {

    private final Exec exec;
    private final Viewer viewer;
    private final boolean asksForInput;
    private final SpoolReader reader;
    private final OutputOffsets from;

    Attachment(Exec exec, Joining how, Viewer viewer) {
        this.exec = exec;
        this.viewer = viewer;
        this.asksForInput = how.input() != Joining.Input.NONE;
        this.reader = how.lossy()
                ? exec.spool().readLossy(how.from(), this)
                : exec.spool().readLossless(how.from(), this);
        this.from = reader.from();
    }

    public Exec exec() {
        return exec;
    }

    /** From where on this caller gets every byte, or is told of a gap. */
    public OutputOffsets from() {
        return from;
    }

    /** Whether this caller asked to give input, whoever gives it now. */
    boolean asksForInput() {
        return asksForInput;
    }

    void writerLost() {
        viewer.writerLost();
    }

    void stopReading() {
        reader.close();
    }

    @Override
    public void resumeOutput() {
        reader.resume();
    }

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        exec.callers().write(this, bytes, accepted);
    }

    @Override
    public void endInput() {
        exec.callers().endInput(this);
    }

    @Override
    public void resize(TerminalSize size) {
        exec.callers().resize(this, size);
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        exec.signalSoon(signal, scope);
    }

    /** The caller leaves; when nobody is left, the command's disconnect policy decides. */
    @Override
    public void close() {
        exec.callers().leave(this);
    }

    @Override
    public boolean output(OutputKind stream, long offset, byte[] bytes) {
        return viewer.output(stream, offset, bytes);
    }

    @Override
    public void gap(OutputKind stream, long from, long to, GapCause cause) {
        viewer.gap(stream, from, to, cause);
    }

    @Override
    public void exited(ProcessExit exit) {
        exec.callers().leave(this);
        viewer.exited(exit);
    }
}
