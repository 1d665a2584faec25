package dev.hawse.runtime;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process.
 *
 * @param stdoutBytes what it wrote, whether or not every reader got it
 * @param oomKilled whether the kernel's out-of-memory killer struck in the container while it ran
 * @param exitedAt null when it never ran, or when nobody knows
 * @param timedOut whether it was ended because its time was over
 * @param possibleGap whether output may be missing from what was kept, since the server was killed while it ran
 */
public record ProcessExit(
        ExitOutcome outcome,
        long stdoutBytes,
        long stderrBytes,
        DrainState drain,
        boolean oomKilled,
        @Nullable Instant exitedAt,
        PhaseTimes times,
        boolean timedOut,
        boolean possibleGap) {

    /** An end about which there is nothing special. */
    public ProcessExit(
            ExitOutcome outcome,
            long stdoutBytes,
            long stderrBytes,
            DrainState drain,
            boolean oomKilled,
            @Nullable Instant exitedAt,
            PhaseTimes times) {
        this(outcome, stdoutBytes, stderrBytes, drain, oomKilled, exitedAt, times, false, false);
    }

    /** The end of a process that never ran. */
    public static ProcessExit notStarted(ExitOutcome.SpawnFailed failure, PhaseTimes times) {
        return new ProcessExit(failure, 0, 0, DrainState.COMPLETE, false, null, times);
    }

    /** The end of a process of which nobody knows how it ended. */
    public static ProcessExit lost(String why, OutputOffsets head) {
        return new ProcessExit(
                new ExitOutcome.Lost(why), head.stdout(), head.stderr(), DrainState.HELD, false, null, PhaseTimes.NONE);
    }

    /** The same end with what an engine cannot know. */
    public ProcessExit with(boolean timedOut, boolean possibleGap) {
        return timedOut || possibleGap
                ? new ProcessExit(
                        outcome, stdoutBytes, stderrBytes, drain, oomKilled, exitedAt, times, timedOut, possibleGap)
                : this;
    }
}
