package dev.hawse.soak;

import java.time.Duration;

/**
 * How long a soak is, and how hard.
 *
 * @param limit no command is begun after this time
 * @param largest the most bytes each way of one command
 * @param clients processes that share the parallel commands
 * @param clientEvery a client is killed after each so many commands; 0 for never
 * @param serverEvery the same for the server
 * @param containerdEvery the same for containerd
 * @param retention how long the server keeps the record of a command that has ended, where somebody is killed
 */
record Plan(
        long seed,
        int execs,
        Duration limit,
        int parallel,
        int clients,
        int containers,
        int largest,
        int clientEvery,
        int serverEvery,
        int containerdEvery,
        Duration retention) {

    Plan {
        if (execs < 1 || parallel < clients || clients < 1 || containers < 1 || largest < 1) {
            throw new IllegalArgumentException(
                    "a soak needs at least one of everything, and a command for each client");
        }
    }

    /** Whether somebody is killed; only then commands are asked for that outlive it. */
    boolean kills() {
        return clientEvery + serverEvery + containerdEvery > 0;
    }
}
