package dev.hawse.containerd;

import dev.hawse.runtime.BindPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the containerd adapter works.
 *
 * @param socket containerd's
 * @param namespace containerd's, ours alone
 * @param snapshotter where root file systems come from, or "auto" for overlayfs where it works, else native
 * @param ociRuntimes names that callers may choose, the default first, each with its binary: a name on containerd's PATH
 *     or an absolute path
 * @param fifoDir folder for FIFOs; made with mode 0700; containerd's shims must see it under the same path
 * @param logs how containers' logs are kept
 * @param bindPolicy what containers may have of the host
 * @param maxStartsPerContainer how many commands may be starting in one container at once
 * @param drainTimeout how long to wait for the end of output after the end of a process
 * @param startTimeout how long the OCI runtime may take for each half of a start, and for a command's
 * @param resyncInterval how often what is known is compared with what there is, though nothing was told to have changed
 */
public record ContainerdSettings(
        Path socket,
        String namespace,
        String snapshotter,
        Map<String, String> ociRuntimes,
        Path fifoDir,
        Logs logs,
        BindPolicy bindPolicy,
        int maxStartsPerContainer,
        Duration drainTimeout,
        Duration startTimeout,
        Duration resyncInterval) {

    public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);
    public static final Duration DEFAULT_RESYNC_INTERVAL = Duration.ofSeconds(60);

    public ContainerdSettings {
        var copy = new LinkedHashMap<>(ociRuntimes);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("at least one OCI runtime is needed");
        }
        ociRuntimes = java.util.Collections.unmodifiableMap(copy);
    }

    /** With the usual times for what follows. */
    public ContainerdSettings(
            Path socket,
            String namespace,
            String snapshotter,
            Map<String, String> ociRuntimes,
            Path fifoDir,
            Logs logs,
            BindPolicy bindPolicy,
            int maxStartsPerContainer,
            Duration drainTimeout) {
        this(
                socket,
                namespace,
                snapshotter,
                ociRuntimes,
                fifoDir,
                logs,
                bindPolicy,
                maxStartsPerContainer,
                drainTimeout,
                DEFAULT_START_TIMEOUT,
                DEFAULT_RESYNC_INTERVAL);
    }

    /**
     * How containers' logs are kept.
     *
     * @param dir folder for them; containerd's shims must see it under the same path
     * @param programs folder for the program that writes them, likewise; its file system must allow programs
     * @param maxSize bytes of a file after which the next one is begun
     * @param maxFiles how many files are kept of each log
     */
    public record Logs(Path dir, Path programs, long maxSize, int maxFiles) {}

    /** The names for {@code ContainerSpec.ociRuntime}, the default first. */
    public List<String> ociRuntimeNames() {
        return List.copyOf(ociRuntimes.keySet());
    }
}
