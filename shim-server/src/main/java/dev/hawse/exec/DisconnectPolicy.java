package dev.hawse.exec;

import dev.hawse.runtime.RuntimeFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What happens to a running command when no caller is attached to it any more. */
public sealed interface DisconnectPolicy {

    DisconnectPolicy KILL = new Kill();
    DisconnectPolicy HANGUP = new Hangup();

    /** It and all that descend from it are killed at once. */
    record Kill() implements DisconnectPolicy {}

    /** They are told that their terminal is gone, and killed a while later. */
    record Hangup() implements DisconnectPolicy {}

    /**
     * It goes on.
     *
     * @param ttl how long with nobody attached, before it is killed; null for ever
     */
    record Detach(@Nullable Duration ttl) implements DisconnectPolicy {

        private static final Duration LEAST = Duration.ofSeconds(1);

        public Detach {
            if (ttl != null && (ttl.compareTo(LEAST) < 0 || ttl.compareTo(Command.LONGEST) > 0)) {
                throw RuntimeFailure.invalid(
                        "on_disconnect.detach.ttl", "must be 1 second to 365 days (got " + ttl + ")");
            }
        }
    }
}
