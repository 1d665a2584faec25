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
 * @param run of CONTAINER_STARTED and CONTAINER_EXITED: what tells a run from the one before it, as the id of its main
 *     process does; 0 when that is not known
 */
public record RuntimeEvent(
        Type type,
        RuntimeKind runtime,
        Instant time,
        @Nullable String containerId,
        @Nullable String execId,
        @Nullable String image,
        @Nullable ExitOutcome exit,
        long run) {

    /** Something other than a start or an end of a container. */
    public RuntimeEvent(
            Type type,
            RuntimeKind runtime,
            Instant time,
            @Nullable String containerId,
            @Nullable String execId,
            @Nullable String image,
            @Nullable ExitOutcome exit) {
        this(type, runtime, time, containerId, execId, image, exit, 0);
    }

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
