package dev.hawse.exec;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.stream.Spool;
import java.util.function.Consumer;

/** Where the engine writes: into the spool, but for the end, of which the command hears first. */
final class ExecOutput implements OutputWriter {

    private final Spool spool;
    private final Consumer<ProcessExit> finished;

    ExecOutput(Spool spool, Consumer<ProcessExit> finished) {
        this.spool = spool;
        this.finished = finished;
    }

    @Override
    public boolean append(OutputKind stream, byte[] bytes) {
        return spool.append(stream, bytes);
    }

    @Override
    public void onRoom(Runnable onRoom) {
        spool.onRoom(onRoom);
    }

    @Override
    public void gap(OutputKind stream, long count) {
        spool.gap(stream, count);
    }

    @Override
    public void possibleGap() {
        spool.possibleGap();
    }

    @Override
    public OutputOffsets head() {
        return spool.head();
    }

    @Override
    public long lastHeldBack() {
        return spool.lastHeldBack();
    }

    @Override
    public void finish(ProcessExit exit) {
        finished.accept(exit);
    }
}
