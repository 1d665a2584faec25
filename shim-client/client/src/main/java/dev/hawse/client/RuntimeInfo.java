package dev.hawse.client;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An engine as it answered just now. Immutable.
 *
 * @param endpoint where it listens
 * @param active whether new work goes here when the caller does not choose
 * @param unavailableReason why it is not available and what to do; empty when it is
 * @param version its own words; empty when it did not answer
 * @param latency how long the answer took; null when none came
 * @param namespace containerd's namespace that is the server's
 * @param snapshotter where root file systems come from, such as "overlayfs"
 * @param ociRuntimes names for {@link ContainerSpec#ociRuntime()}, the default first
 */
public record RuntimeInfo(
        RuntimeKind kind,
        String endpoint,
        boolean active,
        boolean available,
        String unavailableReason,
        String version,
        @Nullable Duration latency,
        Set<Capability> capabilities,
        String namespace,
        String snapshotter,
        List<String> ociRuntimes) {

    public RuntimeInfo {
        capabilities = Set.copyOf(capabilities);
        ociRuntimes = List.copyOf(ociRuntimes);
    }
}
