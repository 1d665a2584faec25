package dev.hawse.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An engine as it answered, or failed to answer, just now.
 *
 * @param endpoint where it listens, as {@code unix:/path}
 * @param version its own words; empty when it did not answer
 * @param unavailableReason why it did not answer and what to do, as a sentence; null when it did
 * @param latency how long the answer took; zero when none came
 * @param namespace containerd's namespace that is ours; empty for other engines
 * @param snapshotter where root file systems come from; empty when not known
 * @param ociRuntimes names for {@link ContainerSpec#ociRuntime()}, the default first
 */
public record RuntimeInfo(
        RuntimeKind kind,
        String endpoint,
        String version,
        @Nullable String unavailableReason,
        Duration latency,
        Set<Capability> capabilities,
        String namespace,
        String snapshotter,
        List<String> ociRuntimes) {

    public RuntimeInfo {
        capabilities = Set.copyOf(capabilities);
        ociRuntimes = List.copyOf(ociRuntimes);
    }

    public boolean available() {
        return unavailableReason == null;
    }
}
