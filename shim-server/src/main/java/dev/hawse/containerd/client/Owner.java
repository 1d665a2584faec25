package dev.hawse.containerd.client;

import dev.hawse.sys.HostBoot;
import java.util.Optional;

/**
 * Whose a lease is: one life of one server.
 *
 * @param boot the host's start in which it was made
 * @param started the process's start, by the kernel's clock, since pids come again
 */
record Owner(String boot, long pid, long started) {

    static final String LEASE_LABEL = "hawse.dev/lease";

    static Owner self() {
        return of(ProcessHandle.current());
    }

    private static Owner of(ProcessHandle process) {
        return new Owner(
                HostBoot.id(),
                process.pid(),
                process.info().startInstant().map(i -> i.toEpochMilli()).orElse(0L));
    }

    String toLabel() {
        return boot + " " + pid + " " + started;
    }

    /** Empty for what is none of ours, or was written by a version that did not say. */
    static Optional<Owner> fromLabel(String label) {
        var words = label.split(" ", -1);
        try {
            return words.length == 3
                    ? Optional.of(new Owner(words[0], Long.parseLong(words[1]), Long.parseLong(words[2])))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether that very process is there still. */
    boolean isAlive() {
        return ProcessHandle.of(pid).map(Owner::of).filter(this::equals).isPresent();
    }
}
