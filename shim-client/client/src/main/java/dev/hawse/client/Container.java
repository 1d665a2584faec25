package dev.hawse.client;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as it was when the server answered. Immutable.
 *
 * @param id 64 hex digits
 * @param name unique per runtime
 * @param namespace the runtime's namespace, for containerd
 * @param image the image's name when the container was created
 * @param imageDigest of that image's manifest or index
 * @param pid the main process as the host sees it; 0 when it does not run
 * @param startedAt null before the first start
 * @param finishedAt when the main process last ended; null before
 * @param exit how the main process last ended; null before, and while it runs
 * @param oomKilled whether the kernel's out-of-memory killer struck since the last start
 * @param labels of the image and of the creator, the latter winning
 * @param spec what was asked for, with the image's defaults filled in
 */
public record Container(
        String id,
        String name,
        RuntimeKind runtime,
        String namespace,
        String image,
        String imageDigest,
        ContainerState state,
        int pid,
        @Nullable Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable ExitStatus exit,
        boolean oomKilled,
        Map<String, String> labels,
        ContainerSpec spec) {

    public Container {
        labels = Map.copyOf(labels);
    }

    /** The first 12 digits of the id, enough for people. */
    public String shortId() {
        return id.substring(0, Math.min(12, id.length()));
    }
}
