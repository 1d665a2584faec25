package dev.hawse.runtime;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long the end of a process waits for the end of its output, when another process still holds that open. Time in which
 * a reader held the writing back does not count: those bytes are still to come.
 */
public sealed interface DrainPolicy {

    /** As the engine is configured. */
    DrainPolicy CONFIGURED = new AtMost(null);

    /** For as long as it takes. */
    DrainPolicy WAIT = new Wait();

    record Wait() implements DrainPolicy {}

    /** @param time zero not to wait at all; null for the engine's own */
    record AtMost(@Nullable Duration time) implements DrainPolicy {

        public static final Duration MOST = Duration.ofHours(1);

        public AtMost {
            if (time != null && (time.isNegative() || time.compareTo(MOST) > 0)) {
                throw RuntimeFailure.invalid("drain.at_most", "must be 0 to 1 hour (got " + time + ")");
            }
        }
    }
}
