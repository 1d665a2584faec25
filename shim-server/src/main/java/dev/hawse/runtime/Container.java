package dev.hawse.runtime;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as it is now.
 *
 * @param namespace containerd's namespace; empty for other engines
 * @param image the image's whole name when the container was created
 * @param imageDigest of that image's manifest or index
 * @param pid the main process as the host sees it; 0 when it does not run
 * @param startedAt null before the first start
 * @param finishedAt when the main process last ended; null before
 * @param exit how the main process last ended; null before, and while it runs
 * @param oomKilled whether the kernel's out-of-memory killer struck since the last start
 * @param labels the image's and the creator's, none of the engine's own
 * @param spec what was asked for, with the image's defaults filled in
 */
public record Container(
        ContainerId id,
        String name,
        RuntimeKind runtime,
        String namespace,
        String image,
        String imageDigest,
        ContainerState state,
        long pid,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable ExitOutcome exit,
        boolean oomKilled,
        Map<String, String> labels,
        ContainerSpec spec) {

    public Container {
        labels = Map.copyOf(labels);
    }

    public boolean running() {
        return state == ContainerState.RUNNING || state == ContainerState.PAUSED;
    }
}
