package dev.hawse.exec;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants executed, and how. Immutable.
 *
 * @param timeout how long it may run; null for ever
 * @param killAfter from the first signal of an ending to SIGKILL
 * @param request what makes it safe to repeat; null when nobody asked for that
 */
public record Command(
        ContainerId container,
        RuntimeKind runtime,
        ExecSpec spec,
        OutputPolicy output,
        DisconnectPolicy onDisconnect,
        @Nullable Duration timeout,
        Duration killAfter,
        DrainPolicy drain,
        @Nullable Request request) {

    static final Duration LONGEST = Duration.ofDays(365);

    /** From SIGTERM to SIGKILL where a caller says nothing. */
    public static final Duration KILL_AFTER = Duration.ofSeconds(10);

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST_GRACE = Duration.ofHours(1);

    public Command {
        if (timeout != null && (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0)) {
            throw RuntimeFailure.invalid("timeout", "must be 1 millisecond to 365 days (got " + timeout + ")");
        }
        if (killAfter.isNegative() || killAfter.compareTo(LONGEST_GRACE) > 0) {
            throw RuntimeFailure.invalid("kill_after", "must be 0 to 1 hour (got " + killAfter + ")");
        }
    }

    /**
     * Whether it is remembered on disk before it is done: what may outlive its caller, and what may be asked for twice.
     * Nobody could come back to the others, so theirs is spared.
     */
    public boolean durable() {
        return request != null || onDisconnect instanceof DisconnectPolicy.Detach;
    }

    /**
     * A request that may come again.
     *
     * @param method of the API
     * @param id of the caller's choice
     * @param hash of what was asked for
     */
    public record Request(String method, String id, String hash) {

        private static final int LONGEST_ID = 128;

        public Request {
            if (id.isEmpty() || id.codePointCount(0, id.length()) > LONGEST_ID) {
                throw RuntimeFailure.invalid(
                        "request_id", "must be 1 to 128 characters (got " + id.codePointCount(0, id.length()) + ")");
            }
        }
    }
}
