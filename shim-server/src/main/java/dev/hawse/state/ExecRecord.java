package dev.hawse.state;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a command beyond the server's life. Immutable.
 *
 * @param id 64 hex digits
 * @param container its id
 * @param runtime which has it, as "CONTAINERD"
 * @param requestHash of the request that started it; null when nobody asked for that
 * @param spec what is needed to find it again, as its owner writes it: streams, policies, what it was told to run
 * @param pid 0 as long as it is not known
 * @param deadline when it is to be ended; null for never
 * @param exit how it ended, as its owner writes it; null before
 * @param boot which boot of the host it was started in
 * @param startedSinceBoot when it was started, on the clock that nobody sets; null before, or when it is not known
 * @param deadlineSinceBoot the deadline on that clock
 */
public record ExecRecord(
        String id,
        String container,
        String runtime,
        @Nullable String requestHash,
        String spec,
        State state,
        long pid,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Instant deadline,
        @Nullable String exit,
        long stdoutBytes,
        long stderrBytes,
        String boot,
        @Nullable Duration startedSinceBoot,
        @Nullable Duration deadlineSinceBoot) {

    /** How far it has got. */
    public enum State {
        /** It was asked for; whether it runs is not known. */
        PENDING,
        RUNNING,
        ENDED
    }

    /** A command that is about to be asked of the runtime. */
    public static ExecRecord pending(
            String id,
            String container,
            String runtime,
            @Nullable String requestHash,
            String spec,
            Instant createdAt,
            String boot) {
        return new ExecRecord(
                id,
                container,
                runtime,
                requestHash,
                spec,
                State.PENDING,
                0,
                createdAt,
                null,
                null,
                null,
                null,
                0,
                0,
                boot,
                null,
                null);
    }
}
