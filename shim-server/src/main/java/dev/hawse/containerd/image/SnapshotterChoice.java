package dev.hawse.containerd.image;

import dev.hawse.containerd.api.services.introspection.v1.Plugin;
import dev.hawse.containerd.api.services.introspection.v1.PluginsRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.stream.Collectors;

/** Which snapshotter to use when none is configured. Containers remember theirs, so the choice may change between them. */
public final class SnapshotterChoice {

    /** The cheapest first; native, which copies, works on every file system. */
    private static final List<String> WANTED = List.of("overlayfs", "native");

    private SnapshotterChoice() {}

    /**
     * The best that containerd says works.
     *
     * @throws RuntimeFailure when none does, or containerd does not answer
     */
    public static String choose(ContainerdClient client) {
        try {
            var request = PluginsRequest.newBuilder()
                    .addFilters("type==io.containerd.snapshotter.v1")
                    .build();
            var working = client.introspection(ContainerdClient.QUICK).plugins(request).getPluginsList().stream()
                    .filter(plugin -> !plugin.hasInitErr())
                    .map(Plugin::getId)
                    .collect(Collectors.toSet());
            return WANTED.stream()
                    .filter(working::contains)
                    .findFirst()
                    .orElseThrow(() -> RuntimeFailure.of(
                            Reason.CAPABILITY_MISSING,
                            "containerd has none of the snapshotters " + WANTED + "; enable one or configure another"));
        } catch (StatusRuntimeException e) {
            throw ContainerdFailures.from(e, "list the snapshotters", client.socket());
        }
    }
}
