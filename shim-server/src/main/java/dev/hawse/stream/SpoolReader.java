package dev.hawse.stream;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Registration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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

    /** Of a reader that stands for one who may come: never called. */
    static final OutputSink NOBODY = new OutputSink() {
        @Override
        public boolean output(OutputKind stream, long offset, byte[] bytes) {
            return false;
        }

        @Override
        public void gap(OutputKind stream, long from, long to, GapCause cause) {}

        @Override
        public void exited(ProcessExit exit) {}
    };

    private final Spool spool;
    private final OutputSink sink;
    private final OutputOffsets from;
    private volatile long maxLag;
    private final AtomicReference<Place> place;
    private final OneAtATime pump = new OneAtATime(this::deliver);
    private volatile boolean wanted;
    private volatile boolean closed;
    private volatile boolean fetching;
    /** Where the last possible gap was that was skipped; null when that has been told. */
    private volatile @Nullable OutputOffsets skipped;

    private long stdoutSeen;
    private long stderrSeen;

    /**
     * A reader that has not begun.
     *
     * @param from what it has had, which may be more than lies before the place, but not less
     */
    SpoolReader(Spool spool, OutputSink sink, Place at, OutputOffsets from, long maxLag) {
        this.spool = spool;
        this.sink = sink;
        this.from = from;
        this.maxLag = maxLag;
        this.place = new AtomicReference<>(at);
        this.stdoutSeen = from.stdout();
        this.stderrSeen = from.stderr();
    }

    /** Where it began: every byte from there on comes, or is told as a gap. */
    public OutputOffsets from() {
        return from;
    }

    /** Lets the sink have what there is, at first and after it has said that it wants no more. */
    public void resume() {
        wanted = true;
        pump();
    }

    @Override
    public void close() {
        closed = true;
        spool.remove(this);
    }

    /** Leaves the place that it is at, for ever. */
    Place leave() {
        return place.getAndSet(Place.NOWHERE);
    }

    /** How far it may fall behind from now on before it misses something. */
    void maxLag(long lag) {
        maxLag = lag;
    }

    boolean isLossy() {
        return maxLag != Long.MAX_VALUE;
    }

    /** The place it has got to. */
    Place place() {
        return place.get();
    }

    /** What everything that this reader has had, or missed, weighs. */
    long weight() {
        return place.get().weight;
    }

    /** What everything weighs that it has had, or missed, or that waits for it on disk. */
    long weightInMemory() {
        var at = place.get();
        return at instanceof DiskPlace onDisk ? onDisk.spill.weightOnDisk() : at.weight;
    }

    /** Puts another place for the one that it is at, unless it has moved. */
    boolean move(Place at, Place to) {
        return place.compareAndSet(at, to);
    }

    /** What lies on disk was read, or is not there any more. */
    void fetched() {
        fetching = false;
        pump();
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
                    fetch(at);
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

    private void fetch(Place at) {
        if (at instanceof DiskPlace onDisk && !fetching) {
            fetching = true;
            onDisk.spill.fetch(this, onDisk);
        }
    }

    /** How far one call of the sink goes: what waits of one stream goes together, since a call costs more than a copy. */
    private static Place endOfRun(Place at) {
        var to = Objects.requireNonNull(at.next());
        if (at.bytes().length == 0) {
            return to;
        }
        for (var next = to.next(); next != null; next = to.next()) {
            var joined = next.stdout - at.stdout + next.stderr - at.stderr;
            if (to.bytes().length == 0 || to.stream() != at.stream() || joined > MOST_JOINED) {
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
        var stream = at.stream();
        var seen = stream == OutputKind.STDOUT ? stdoutSeen : stderrSeen;
        tellWhatWasMissed(at);
        stdoutSeen = Math.max(stdoutSeen, next.stdout);
        stderrSeen = Math.max(stderrSeen, next.stderr);
        if (closed) {
            return;
        }
        var end = at.end();
        if (end != null) {
            close();
            sink.exited(end);
            return;
        }
        var offset = at.offset(stream);
        if (at.bytes().length == 0) {
            giveGap(at, Math.max(seen, offset), next.offset(stream));
            return;
        }
        var bytes = bytes(at, next);
        if (seen > offset) {
            // Only at the beginning: it came with more of this stream than of the other.
            bytes = Arrays.copyOfRange(bytes, (int) Math.min(seen - offset, bytes.length), bytes.length);
            offset = seen;
            if (bytes.length == 0) {
                return;
            }
        }
        // Taken back before the call, so that a resume during it is not overwritten after it.
        wanted = false;
        if (sink.output(stream, offset, bytes)) {
            wanted = true;
        }
    }

    private void giveGap(Place at, long from, long to) {
        if (at.isGap()) {
            tellGap(at.stream(), from, to, GapCause.NOT_KEPT);
        } else if (at.isPossibleGap() && stdoutSeen <= at.stdout && stderrSeen <= at.stderr) {
            tellPossibleGap(at.offsets());
        }
    }

    private void tellWhatWasMissed(Place at) {
        var uncertain = skipped;
        if (uncertain != null) {
            skipped = null;
            if (stdoutSeen <= uncertain.stdout() && stderrSeen <= uncertain.stderr()) {
                tellPossibleGap(uncertain);
            }
        }
        var cause = isLossy() ? GapCause.READER_TOO_SLOW : GapCause.NOT_KEPT;
        tellGap(OutputKind.STDOUT, stdoutSeen, at.stdout, cause);
        tellGap(OutputKind.STDERR, stderrSeen, at.stderr, cause);
    }

    private void tellGap(OutputKind stream, long from, long to, GapCause cause) {
        if (from < to && !closed) {
            sink.gap(stream, from, to, cause);
        }
    }

    private void tellPossibleGap(OutputOffsets at) {
        if (!closed) {
            sink.gap(OutputKind.STDOUT, at.stdout(), at.stdout(), GapCause.SERVER_KILLED);
        }
        if (!closed) {
            sink.gap(OutputKind.STDERR, at.stderr(), at.stderr(), GapCause.SERVER_KILLED);
        }
    }

    /**
     * Moves a lossy reader on, whether or not its sink is stalled: a stalled one would else hold all that follows. The newest
     * chunk stays, however large: a reader that keeps up misses nothing.
     */
    private void skipWhatIsTooOld() {
        if (!isLossy()) {
            return;
        }
        var bound = spool.tailWeight() - maxLag;
        for (var at = place.get(); at.weight < bound; at = place.get()) {
            var next = at.next();
            // From disk no more is in memory than one reading.
            if (at instanceof DiskPlace || next == null || next.next() == null || next.end() != null) {
                return;
            }
            if (at.isPossibleGap()) {
                // Before the move, after which it might be asked for; told twice rather than not at all.
                skipped = at.offsets();
            }
            place.compareAndSet(at, next);
        }
    }
}
