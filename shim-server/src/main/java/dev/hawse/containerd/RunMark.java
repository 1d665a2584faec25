package dev.hawse.containerd;

import dev.hawse.sys.HostBoot;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * That a container was started and nobody has noted its end, as a label of its record says it. Where the runtime knows of no
 * task, it tells a run that was lost from one that never was.
 *
 * @param boot the host's start in which it was
 * @param startedAt a moment before its start
 */
record RunMark(String boot, Instant startedAt) {

    static RunMark now() {
        return new RunMark(HostBoot.id(), Instant.now());
    }

    String toLabel() {
        return boot + " " + startedAt;
    }

    /** Empty when the label is none of ours. */
    static Optional<RunMark> fromLabel(String label) {
        var words = label.split(" ", -1);
        try {
            return words.length == 2 ? Optional.of(new RunMark(words[0], Instant.parse(words[1]))) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** How a run ended of which nothing but this is left. */
    String lossReason() {
        return boot.equals(HostBoot.id())
                ? "the runtime lost it while nobody watched"
                : "the host was restarted while it ran";
    }
}
