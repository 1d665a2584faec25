package dev.hawse.runtime;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened on an engine.
 *
 * @param containerId of containers and commands, else null
 * @param execId of commands, else null
 * @param image of images, else null
 * @param exit of CONTAINER_EXITED and EXEC_EXITED, else null
 */
public record RuntimeEvent(
        Type type,
        RuntimeKind runtime,
        Instant time,
        @Nullable String containerId,
        @Nullable String execId,
        @Nullable String image,
        @Nullable ExitOutcome exit) {

    /** What happened. */
    public enum Type {
        CONTAINER_CREATED,
        CONTAINER_STARTED,
        CONTAINER_EXITED,
        CONTAINER_PAUSED,
        CONTAINER_RESUMED,
        CONTAINER_OOM,
        CONTAINER_UPDATED,
        CONTAINER_REMOVED,
        EXEC_STARTED,
        EXEC_EXITED,
        IMAGE_UPDATED,
        IMAGE_REMOVED
    }
}
