package dev.hawse.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.stream.Spool;
import dev.hawse.stream.SpoolReader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A command straight from an engine, read losslessly by one sink; what the engine keeps of it goes with its end. */
public final class PortExec {

    private static final long WINDOW = 256 << 10;

    private final ExecId id;
    private final long pid;
    private final ExecControl control;
    private final SpoolReader reader;

    private PortExec(ExecId id, ExecStart.Running running, Output out, SpoolReader reader) {
        this.id = id;
        this.pid = running.pid();
        this.control = running.control();
        this.reader = reader;
        out.running.complete(control);
    }

    /** What becomes of starting a command, within two minutes. Throws what it fails with. */
    public static ExecStart ask(ExecOperations execs, ContainerId container, ExecSpec spec) {
        return await(
                execs.start(container, ExecId.random(), spec, DrainPolicy.CONFIGURED, new Output(Spool.block(WINDOW))));
    }

    /** A command that runs; nothing is read of it before {@link #resumeOutput}. */
    public static PortExec start(ExecOperations execs, ContainerId container, ExecSpec spec, OutputSink sink) {
        return start(execs, container, spec, DrainPolicy.CONFIGURED, sink);
    }

    public static PortExec start(
            ExecOperations execs, ContainerId container, ExecSpec spec, DrainPolicy drain, OutputSink sink) {
        var out = new Output(Spool.block(WINDOW));
        var reader = out.spool.readLossless(sink);
        var id = ExecId.random();
        var start = await(execs.start(container, id, spec, drain, out));
        assertThat(start).isInstanceOf(ExecStart.Running.class);
        return new PortExec(id, (ExecStart.Running) start, out, reader);
    }

    private static ExecStart await(CompletableFuture<ExecStart> start) {
        try {
            return start.orTimeout(2, TimeUnit.MINUTES).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeFailure failure) {
                throw failure;
            }
            throw e;
        }
    }

    public ExecId id() {
        return id;
    }

    public long pid() {
        return pid;
    }

    public ExecControl control() {
        return control;
    }

    public void resumeOutput() {
        reader.resume();
    }

    /** Kills it with all that descends from it. */
    public void kill() {
        control.signal(Signal.KILL, SignalScope.TREE).join();
    }

    private static final class Output implements OutputWriter {
        private final Spool spool;
        private final CompletableFuture<ExecControl> running = new CompletableFuture<>();

        Output(Spool spool) {
            this.spool = spool;
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
        public void finish(ProcessExit exit) {
            spool.finish(exit);
            var _ = running.thenAccept(ExecControl::release);
        }

        @Override
        public OutputOffsets head() {
            return spool.head();
        }

        @Override
        public long lastHeldBack() {
            return spool.lastHeldBack();
        }
    }
}
