package dev.hawse.runtime;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a log is wanted.
 *
 * @param follow whether to go on until the container ends
 * @param since only what was written at or after it; null for all
 * @param until only what was written before it; null for all
 * @param tail only so many last lines; null for all
 * @param streams which outputs; never empty
 */
public record LogQuery(
        boolean follow,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Long tail,
        Set<OutputKind> streams) {

    public LogQuery {
        streams = streams.isEmpty() ? Set.of(OutputKind.values()) : Set.copyOf(streams);
        if (tail != null && tail < 0) {
            throw RuntimeFailure.invalid("tail", "must not be negative (got " + tail + ")");
        }
        if (since != null && until != null && until.isBefore(since)) {
            throw RuntimeFailure.invalid("until", "must not be before since");
        }
    }

    public static final LogQuery ALL = new LogQuery(false, null, null, null, Set.of());
}
