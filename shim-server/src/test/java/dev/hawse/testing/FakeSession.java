package dev.hawse.testing;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One reader's hold on a process in memory: a queue, delivered by whoever has something to add and finds nobody at it. */
final class FakeSession implements ProcessSession {

    private final FakeProcess process;
    private final OutputSink sink;
    private final boolean owner;
    private final Queue<Delivery> queue = new ArrayDeque<>();
    private @Nullable ProcessExit end;
    private boolean started;
    private boolean wanted;
    private boolean delivering;
    private boolean closed;

    FakeSession(FakeProcess process, OutputSink sink, boolean owner) {
        this.process = process;
        this.sink = sink;
        this.owner = owner;
    }

    void offer(FakeProcess.Chunk chunk) {
        add(() -> sink.output(chunk.stream(), chunk.offset(), chunk.bytes()));
    }

    void gap(OutputKind stream, long from, long to) {
        add(() -> {
            sink.gap(stream, from, to, GapCause.READER_TOO_SLOW);
            return true;
        });
    }

    void end(ProcessExit exit) {
        synchronized (this) {
            if (end != null) {
                return;
            }
            end = exit;
            queue.add(() -> {
                sink.exited(exit);
                return false;
            });
        }
        deliver();
    }

    @Override
    public void resumeOutput() {
        synchronized (this) {
            started = true;
            wanted = true;
        }
        deliver();
    }

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        if (!isClosed()) {
            process.input(bytes, accepted);
        }
    }

    @Override
    public void endInput() {
        if (!isClosed()) {
            process.endInput();
        }
    }

    @Override
    public void resize(TerminalSize size) {
        if (!isClosed()) {
            process.resize(size);
        }
    }

    @Override
    public void signal(Signal signal, SignalScope scope) {
        if (!isClosed() && process.running()) {
            process.signal(signal, scope);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            queue.clear();
        }
        process.left(this, owner);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void add(Delivery delivery) {
        synchronized (this) {
            if (end != null || closed) {
                return;
            }
            queue.add(delivery);
        }
        deliver();
    }

    private void deliver() {
        while (true) {
            Delivery next;
            synchronized (this) {
                var last = end != null && queue.size() == 1;
                if (delivering || !started || !(wanted || last)) {
                    return;
                }
                next = queue.poll();
                if (next == null) {
                    return;
                }
                delivering = true;
                wanted = false;
            }
            var more = next.run();
            synchronized (this) {
                delivering = false;
                wanted |= more;
            }
        }
    }

    /** Gives something to the sink, and answers whether it wants more. */
    private interface Delivery {
        boolean run();
    }
}
