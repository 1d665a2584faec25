package dev.hawse.server;

import dev.hawse.containerd.ContainerdRuntime;
import dev.hawse.containerd.ContainerdSettings;
import dev.hawse.runtime.BindPolicy;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.server.config.HawseConfig;
import dev.hawse.sys.Reactor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The one place that names concrete engines. */
final class Wiring {

    private static final List<Path> PROTECTED_TREES = paths(
            "/boot",
            "/etc/gshadow",
            "/etc/shadow",
            "/etc/ssh",
            "/etc/sudoers",
            "/etc/sudoers.d",
            "/proc",
            "/root/.ssh",
            "/run/containerd",
            "/run/docker",
            "/run/docker.sock",
            "/sys",
            "/var/lib/containerd",
            "/var/lib/docker");

    /** Much of what lies in them is of use to containers, such as /etc/localtime. */
    private static final List<Path> PROTECTED_FOLDERS = paths("/", "/dev", "/etc");

    private Wiring() {}

    /**
     * The engines that a configuration asks for, the active one first.
     *
     * @throws StartFailure when one cannot be made; one that only does not answer can
     */
    static List<ContainerRuntime> runtimes(HawseConfig config, List<? extends Reactor.Host> loops) {
        try {
            return List.of(ContainerdRuntime.open(containerd(config), loops));
        } catch (IOException e) {
            throw new StartFailure("paths.run: cannot prepare " + config.paths().run() + ": " + e.getMessage(), e);
        }
    }

    /** What lets a container change the server's and the engines' records, the host's kernel, or who may do what. */
    static BindPolicy bindPolicy(HawseConfig config) {
        var trees = new ArrayList<>(PROTECTED_TREES);
        trees.addAll(List.of(
                config.paths().state(),
                config.paths().run(),
                config.listen().socket(),
                config.containerd().socket()));
        trees.addAll(config.policy().bindDeny());
        return new BindPolicy(config.policy().bindRoots(), trees, PROTECTED_FOLDERS);
    }

    private static List<Path> paths(String... paths) {
        return Arrays.stream(paths).map(Path::of).toList();
    }

    private static ContainerdSettings containerd(HawseConfig config) {
        var containerd = config.containerd();
        return new ContainerdSettings(
                containerd.socket(),
                containerd.namespace(),
                containerd.snapshotter(),
                containerd.ociRuntimes(),
                config.paths().run().resolve("fifos"),
                new ContainerdSettings.Logs(
                        config.paths().state().resolve("logs"),
                        config.paths().state().resolve("bin"),
                        config.logs().maxSize(),
                        config.logs().maxFiles()),
                bindPolicy(config),
                config.exec().maxStartsPerContainer(),
                config.exec().drainTimeout(),
                containerd.startTimeout(),
                containerd.resyncInterval());
    }
}
