package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.Registration;
import dev.hawse.stream.Spool.Node;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One reader of a {@link Spool}. Its sink is called by whichever thread has news, the writer's or the one that resumes, but
 * by one at a time. After {@link #close()} at most the call in progress still reaches the sink.
 */
public final class SpoolReader implements Registration {

    private final Spool spool;
    private final OutputSink sink;
    private final long maxLag;
    private final AtomicReference<Node> last;
    private final AtomicInteger pumping = new AtomicInteger();
    private volatile boolean wanted;
    private volatile boolean closed;
    private long stdoutSeen;
    private long stderrSeen;

    SpoolReader(Spool spool, OutputSink sink, Node from, long maxLag, long stdoutSeen, long stderrSeen) {
        this.spool = spool;
        this.sink = sink;
        this.maxLag = maxLag;
        this.last = new AtomicReference<>(from);
        this.stdoutSeen = stdoutSeen;
        this.stderrSeen = stderrSeen;
    }

    /** Lets the sink have what there is, at first and after it has said that it wants no more. */
    public void resume() {
        wanted = true;
        pump();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            spool.remove(this);
        }
    }

    boolean lossless() {
        return maxLag == Long.MAX_VALUE;
    }

    long weight() {
        return last.get().weight;
    }

    /** Gives the sink what it wants. Of several threads that come at once, one does the work for all. */
    void pump() {
        skipWhatIsTooOld();
        if (pumping.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            while (wanted && !closed) {
                var seen = last.get();
                var next = seen.next;
                if (next == null) {
                    break;
                }
                if (last.compareAndSet(seen, next)) {
                    deliver(next);
                    spool.advanced();
                }
            }
            missed = pumping.addAndGet(-missed);
        } while (missed != 0);
    }

    private void deliver(Node node) {
        var chunk = node.chunk;
        if (chunk != null) {
            tellGap(chunk.stream(), chunk.offset());
            var end = chunk.offset() + chunk.bytes().length;
            if (chunk.stream() == OutputKind.STDOUT) {
                stdoutSeen = end;
            } else {
                stderrSeen = end;
            }
            // Asked anew before the call: a resume during it must not be overwritten after it.
            wanted = false;
            if (sink.output(chunk.stream(), chunk.offset(), chunk.bytes())) {
                wanted = true;
            }
        }
        var exit = node.exit;
        if (exit != null) {
            tellGap(OutputKind.STDOUT, exit.stdoutBytes());
            tellGap(OutputKind.STDERR, exit.stderrBytes());
            close();
            sink.exited(exit);
        }
    }

    private void tellGap(OutputKind stream, long offset) {
        var seen = stream == OutputKind.STDOUT ? stdoutSeen : stderrSeen;
        if (seen < offset) {
            sink.gap(stream, seen, offset);
        }
    }

    /** Moves a lossy reader on, whether or not its sink is stalled: a stalled one would else hold all that follows. */
    private void skipWhatIsTooOld() {
        if (maxLag == Long.MAX_VALUE) {
            return;
        }
        var bound = spool.tailWeight() - maxLag;
        for (var seen = last.get(); seen.weight < bound; seen = last.get()) {
            var next = seen.next;
            if (next == null || next.exit != null) {
                return;
            }
            last.compareAndSet(seen, next);
        }
    }
}
