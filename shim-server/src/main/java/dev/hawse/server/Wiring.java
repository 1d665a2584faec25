package dev.hawse.server;

import dev.hawse.containerd.ContainerdRuntime;
import dev.hawse.containerd.ContainerdSettings;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.server.config.HawseConfig;
import java.io.IOException;
import java.util.List;

/** The one place that names concrete engines. */
final class Wiring {

    private Wiring() {}

    /**
     * The engines that a configuration asks for, the active one first.
     *
     * @throws StartFailure when one cannot be made; one that only does not answer can
     */
    static List<ContainerRuntime> runtimes(HawseConfig config) {
        try {
            return List.of(ContainerdRuntime.open(containerd(config)));
        } catch (IOException e) {
            throw new StartFailure("paths.run: cannot prepare " + config.paths().run() + ": " + e.getMessage(), e);
        }
    }

    private static ContainerdSettings containerd(HawseConfig config) {
        var containerd = config.containerd();
        return new ContainerdSettings(
                containerd.socket(),
                containerd.namespace(),
                containerd.snapshotter(),
                containerd.ociRuntimes(),
                config.paths().run().resolve("fifos"),
                config.paths().state().resolve("logs"),
                config.exec().maxStartsPerContainer(),
                config.exec().drainTimeout());
    }
}
