package dev.hawse.runtime;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process.
 *
 * @param stdoutBytes what it wrote, whether or not every reader got it
 * @param oomKilled whether the kernel's out-of-memory killer struck in the container while it ran
 * @param exitedAt null when it never ran, or when nobody knows
 */
public record ProcessExit(
        ExitOutcome outcome,
        long stdoutBytes,
        long stderrBytes,
        DrainState drain,
        boolean oomKilled,
        @Nullable Instant exitedAt,
        PhaseTimes times) {

    /** The end of a process that never ran. */
    public static ProcessExit notStarted(ExitOutcome.SpawnFailed failure, PhaseTimes times) {
        return new ProcessExit(failure, 0, 0, DrainState.COMPLETE, false, null, times);
    }
}
