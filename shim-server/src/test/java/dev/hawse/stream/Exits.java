package dev.hawse.stream;

import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;

/** Ends of processes. */
final class Exits {

    private Exits() {}

    /** The end, with exit code 0, of what wrote to a spool. */
    static ProcessExit of(Spool spool) {
        return withCode(0, spool);
    }

    static ProcessExit withCode(int code, Spool spool) {
        return new ProcessExit(
                new ExitOutcome.Code(code),
                spool.stdoutBytes(),
                spool.stderrBytes(),
                DrainState.COMPLETE,
                false,
                null,
                PhaseTimes.NONE);
    }
}
