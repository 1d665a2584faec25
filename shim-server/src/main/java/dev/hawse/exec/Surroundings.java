package dev.hawse.exec;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What every command needs of the registry.
 *
 * @param timer for what is short
 * @param workers for what may wait
 */
record Surroundings(
        ScheduledExecutorService timer, Executor workers, ExecJournal journal, Search search, Keeper keeper) {

    /** Who keeps the commands. */
    interface Keeper {
        /** It has ended, and is kept for a while. */
        void ended(Exec exec);

        /** It came to nothing, and there is no trace of it. */
        void vanished(Exec exec);
    }
}
