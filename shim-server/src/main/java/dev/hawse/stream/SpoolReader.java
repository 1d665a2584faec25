package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.Registration;
import dev.hawse.stream.Spool.Place;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of a {@link Spool}. Its sink is called by whichever thread has news, the writer's or the one that resumes, but
 * by one at a time. After {@link #close()} at most the call in progress still reaches the sink. A sink that throws is
 * closed, and nobody else hears of it.
 */
public final class SpoolReader implements Registration {

    private static final Logger log = LoggerFactory.getLogger(SpoolReader.class);

    /** The most bytes that one call of a sink brings, unless one chunk alone is larger. */
    private static final int MOST_JOINED = 256 << 10;

    private final Spool spool;
    private final OutputSink sink;
    private final long maxLag;
    private final AtomicReference<Place> place;
    private final OneAtATime pump = new OneAtATime(this::deliver);
    private volatile boolean wanted;
    private volatile boolean closed;
    private long stdoutSeen;
    private long stderrSeen;

    SpoolReader(Spool spool, OutputSink sink, Place from, long maxLag) {
        this.spool = spool;
        this.sink = sink;
        this.maxLag = maxLag;
        this.place = new AtomicReference<>(from);
        this.stdoutSeen = from.stdout;
        this.stderrSeen = from.stderr;
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
            place.set(Place.NOWHERE);
            spool.remove(this);
        }
    }

    boolean lossless() {
        return maxLag == Long.MAX_VALUE;
    }

    /** What everything that this reader has had, or missed, weighs. */
    long weight() {
        return place.get().weight;
    }

    /** Gives the sink what it wants. */
    void pump() {
        skipWhatIsTooOld();
        pump.run();
    }

    private void deliver() {
        try {
            while (wanted && !closed) {
                var at = place.get();
                if (at.next() == null) {
                    return;
                }
                var to = at.end() != null ? at.next() : endOfRun(at);
                if (to != null && place.compareAndSet(at, to)) {
                    give(at, to);
                    spool.advanced();
                }
            }
        } catch (RuntimeException | Error e) {
            log.error("a reader of output failed and gets no more of it", e);
            close();
        }
    }

    /** How far one call of the sink goes: what waits of one stream goes together, since a call costs more than a copy. */
    private static Place endOfRun(Place at) {
        var to = Objects.requireNonNull(at.next());
        for (var next = to.next(); next != null; next = to.next()) {
            var joined = next.stdout - at.stdout + next.stderr - at.stderr;
            if (to.end() != null || to.stream() != at.stream() || joined > MOST_JOINED) {
                break;
            }
            to = next;
        }
        return to;
    }

    private static byte[] bytes(Place from, Place to) {
        if (from.next() == to) {
            return from.bytes();
        }
        var joined = new byte[Math.toIntExact(to.stdout - from.stdout + to.stderr - from.stderr)];
        int length = 0;
        for (var at = from; at != null && at != to; at = at.next()) {
            System.arraycopy(at.bytes(), 0, joined, length, at.bytes().length);
            length += at.bytes().length;
        }
        return joined;
    }

    private void give(Place at, Place next) {
        tellGap(OutputKind.STDOUT, stdoutSeen, at.stdout);
        tellGap(OutputKind.STDERR, stderrSeen, at.stderr);
        stdoutSeen = next.stdout;
        stderrSeen = next.stderr;
        if (closed) {
            return;
        }
        var end = at.end();
        if (end != null) {
            close();
            sink.exited(end);
            return;
        }
        // Taken back before the call, so that a resume during it is not overwritten after it.
        wanted = false;
        if (sink.output(at.stream(), at.stream() == OutputKind.STDOUT ? at.stdout : at.stderr, bytes(at, next))) {
            wanted = true;
        }
    }

    private void tellGap(OutputKind stream, long from, long to) {
        if (from < to && !closed) {
            sink.gap(stream, from, to);
        }
    }

    /**
     * Moves a lossy reader on, whether or not its sink is stalled: a stalled one would else hold all that follows. The newest
     * chunk stays, however large: a reader that keeps up misses nothing.
     */
    private void skipWhatIsTooOld() {
        if (lossless()) {
            return;
        }
        var bound = spool.tailWeight() - maxLag;
        for (var at = place.get(); at.weight < bound; at = place.get()) {
            var next = at.next();
            if (next == null || next.next() == null || next.end() != null) {
                return;
            }
            place.compareAndSet(at, next);
        }
    }
}
