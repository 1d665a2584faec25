package dev.hawse.exec;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command as it is now. Immutable.
 *
 * @param pid as the host sees it; 0 while it does not run
 * @param stdinOpen whether it takes input
 * @param hasWriter whether a caller gives it input
 * @param viewers callers that are attached
 * @param startedAt null before it runs
 * @param oldest the oldest bytes that are kept
 * @param head bytes written so far
 * @param timesOutAt null for never
 * @param exit null before its end
 * @param requestId empty for none
 */
public record ExecInfo(
        ExecId id,
        ContainerId container,
        RuntimeKind runtime,
        List<String> args,
        ExecState state,
        long pid,
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

    public ExecInfo {
        args = List.copyOf(args);
    }
}
