package dev.hawse.client;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How far one output has come: what arrived, what was handed on, and where in between bytes are missing. Guarded by the
 * session's lock.
 */
final class OutputPosition {

    /** A gap, and how many bytes arrived before it. */
    private record Hole(long after, OutputGap gap) {}

    private final OutputKind kind;
    private final ArrayDeque<Hole> holes = new ArrayDeque<>();
    private boolean known;
    private long received;
    private long next;
    private long handedOn;
    private long delivered;
    private long missing;

    OutputPosition(OutputKind kind) {
        this.kind = kind;
    }

    /** The offset of the next byte from the server. */
    long next() {
        return next;
    }

    /** The offset behind the last byte that was handed on. */
    long delivered() {
        return delivered;
    }

    /** How many bytes are known not to have come. */
    long missing() {
        return missing;
    }

    /** What comes next has this offset, and nothing that came before was asked for. */
    void begin(long offset) {
        known = true;
        next = offset;
        delivered = offset;
    }

    /** After another connection was made: what comes next has this offset. */
    void continueAt(long offset) {
        if (offset > next) {
            gap(new OutputGap(kind, next, offset, OutputGap.Cause.NOT_KEPT));
        } else if (offset < next) {
            // The server was killed before it had kept what it had sent; it counts on from what it has.
            holes.add(new Hole(received, new OutputGap(kind, offset, offset, OutputGap.Cause.SERVER_KILLED)));
            next = offset;
        }
    }

    void received(long offset, int size) {
        if (!known) {
            begin(offset);
        } else if (offset > next) {
            gap(new OutputGap(kind, next, offset, OutputGap.Cause.UNKNOWN));
        }
        received += size;
        next += size;
    }

    void gap(OutputGap gap) {
        if (!known) {
            begin(gap.from());
        }
        missing += gap.bytes();
        var last = holes.peekLast();
        if (last != null && last.after == received && last.gap.cause() == gap.cause()) {
            // Nothing came in between, so that it takes no room here however often the server says it.
            holes.removeLast();
            gap = new OutputGap(kind, last.gap.from(), gap.to(), gap.cause());
        }
        holes.add(new Hole(received, gap));
        next = Math.max(next, gap.to());
    }

    /** How many bytes may be handed on before a gap is to be told. */
    int untilGap(int most) {
        var hole = holes.peek();
        return hole == null ? most : (int) Math.min(most, hole.after - handedOn);
    }

    boolean isAtGap() {
        var hole = holes.peek();
        return hole != null && hole.after == handedOn;
    }

    /** The gap that comes before the next byte to be handed on; null when there is none. */
    @Nullable
    OutputGap takeGap() {
        if (!isAtGap()) {
            return null;
        }
        var gap = holes.remove().gap;
        delivered = gap.to();
        return gap;
    }

    void handedOn(int size) {
        handedOn += size;
        delivered += size;
    }

    /** Nobody wants what arrived. */
    void dropped() {
        holes.clear();
        handedOn = received;
        delivered = next;
    }
}
