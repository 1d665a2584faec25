package dev.hawse.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What happens to a running command when no caller is attached to it any more. Every value is immutable. */
public sealed interface DisconnectPolicy {

    /** It and all that descend from it are killed at once: the default of {@link HawseClient#exec}. */
    DisconnectPolicy KILL = new Kill();

    /** They get SIGHUP, as when a terminal is closed, and SIGKILL when {@link ExecSpec#killAfter()} is over. */
    DisconnectPolicy HANGUP = new Hangup();

    /** It goes on for ever: the default of {@link Execs#start}. */
    static DisconnectPolicy detach() {
        return new Detach(null);
    }

    /** It goes on, and is killed when nobody has attached again within this time. */
    static DisconnectPolicy detach(Duration ttl) {
        return new Detach(ttl);
    }

    record Kill() implements DisconnectPolicy {}

    record Hangup() implements DisconnectPolicy {}

    /**
     * It goes on.
     *
     * @param ttl how long with nobody attached; null for ever
     */
    record Detach(@Nullable Duration ttl) implements DisconnectPolicy {}
}
