package dev.hawse.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened. Immutable.
 *
 * @param sequence grows from event to event, not without holes; one more is where a new watch goes on
 * @param time when the runtime says that it happened
 * @param containerId of containers and commands, else empty
 * @param execId of commands, else empty
 * @param image of images, else empty
 * @param exit how it ended, of the types that say so, else null
 */
public record Event(
        long sequence,
        Instant time,
        EventType type,
        RuntimeKind runtime,
        String containerId,
        String execId,
        String image,
        @Nullable ExitStatus exit) {}
