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
     * @throws StartFailure when this host does not let one work
     */
    static List<ContainerRuntime> runtimes(HawseConfig config) {
        var containerd = config.containerd();
        var settings = new ContainerdSettings(
                containerd.socket(),
                containerd.namespace(),
                containerd.snapshotter(),
                containerd.ociRuntimes(),
                config.paths().run().resolve("fifo"),
                config.paths().state().resolve("logs"),
                config.exec().maxStartsPerContainer(),
                config.exec().drainTimeout());
        try {
            return List.of(ContainerdRuntime.open(settings));
        } catch (IOException e) {
            throw new StartFailure("cannot watch streams: " + e.getMessage(), e);
        }
    }
}
