package dev.hawse.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of the end of a process. Immutable.
 *
 * @param stdoutBytes how much the process wrote, whether or not it reached this caller
 * @param stderrBytes the same for standard error
 * @param oomKilled whether the kernel's out-of-memory killer struck in the container while the process ran
 * @param exitedAt null when the process never ran
 * @param timedOut whether it was ended because its time was over
 * @param possibleGap whether output may be missing since the server was killed while the process ran
 */
public record ProcessExit(
        ExitStatus status,
        long stdoutBytes,
        long stderrBytes,
        DrainState drain,
        boolean oomKilled,
        @Nullable Instant exitedAt,
        PhaseTimes times,
        boolean timedOut,
        boolean possibleGap) {

    /** Whether it exited with code 0. */
    public boolean success() {
        return status.success();
    }

    /** See {@link ExitStatus#shellCode()}. */
    public int shellCode() {
        return status.shellCode();
    }
}
