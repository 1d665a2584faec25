package dev.hawse.client;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a container's log to read. Immutable.
 *
 * @param follow whether to go on with what is written from now on, until the container ends
 * @param since only what was written at or after this time; null for all
 * @param until only what was written before this time; null for all
 * @param tail only the last lines, of what {@code since} and {@code until} let through; null for all
 * @param streams any of these; empty for both
 */
public record LogQuery(
        boolean follow,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Integer tail,
        Set<OutputKind> streams) {

    /** The whole log as it is now. */
    public static final LogQuery ALL = new LogQuery(false, null, null, null, Set.of());

    /** The whole log and what is still written to it. */
    public static final LogQuery FOLLOW = ALL.following();

    public LogQuery {
        if (tail != null && tail < 0) {
            throw new IllegalArgumentException("tail: is negative (got " + tail + "), allowed is 0 and more");
        }
        streams = streams.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(streams));
    }

    public LogQuery following() {
        return new LogQuery(true, since, until, tail, streams);
    }

    public LogQuery since(Instant time) {
        return new LogQuery(follow, time, until, tail, streams);
    }

    public LogQuery until(Instant time) {
        return new LogQuery(follow, since, time, tail, streams);
    }

    public LogQuery tail(int lines) {
        return new LogQuery(follow, since, until, lines, streams);
    }

    public LogQuery only(OutputKind stream) {
        return new LogQuery(follow, since, until, tail, Set.of(stream));
    }
}
