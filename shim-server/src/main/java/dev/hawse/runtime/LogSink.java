package dev.hawse.runtime;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Takes what a log holds. Called by one thread at a time; must not block. */
public interface LogSink {

    /** @return whether more is wanted now; after false nothing comes until {@link LogSession#resume()} */
    boolean record(OutputKind stream, Instant time, byte[] bytes);

    /**
     * Bytes that are missing at this place.
     *
     * @return whether more is wanted now, as of {@link #record}
     */
    boolean gap(LogGap gap);

    /** The end of the log, or what kept it from being read. */
    void end(@Nullable RuntimeFailure failure);
}
