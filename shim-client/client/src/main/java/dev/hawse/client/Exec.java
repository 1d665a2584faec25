package dev.hawse.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command as it was when the server was asked. Immutable.
 *
 * @param id 64 hex digits
 * @param command the program and its arguments
 * @param pid as the host sees it; 0 while it does not run
 * @param stdinOpen whether its input is open
 * @param hasWriter whether a caller gives it input
 * @param viewers how many callers are attached
 * @param startedAt null before it runs
 * @param oldest the oldest bytes of output that are kept
 * @param head bytes written so far
 * @param timesOutAt when it will be ended for its timeout; null for never
 * @param exit null before its end
 * @param requestId empty for none
 */
public record Exec(
        String id,
        String containerId,
        RuntimeKind runtime,
        List<String> command,
        ExecState state,
        int pid,
        boolean terminal,
        boolean stdinOpen,
        boolean hasWriter,
        int viewers,
        Instant createdAt,
        @Nullable Instant startedAt,
        OutputOffsets oldest,
        OutputOffsets head,
        OutputPolicy output,
        DisconnectPolicy onDisconnect,
        @Nullable Instant timesOutAt,
        @Nullable ProcessExit exit,
        String requestId) {

    public Exec {
        command = List.copyOf(command);
    }

    /** The first 12 digits of the id. */
    public String shortId() {
        return id.substring(0, Math.min(12, id.length()));
    }
}
