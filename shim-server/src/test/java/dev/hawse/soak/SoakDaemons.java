package dev.hawse.soak;

import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.LoadListener;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.faults.Hawsed;
import dev.hawse.faults.Hawsed.Setup;
import dev.hawse.faults.PrivateContainerd;
import dev.hawse.faults.Processes;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A containerd and a server below one folder, and the containers that commands are executed in. For one thread. */
final class SoakDaemons implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path dir;
    private final String namespace;
    private final PrivateContainerd containerd;
    private final Hawsed hawsed;
    private final ContainerdClient direct;
    private final Setup setup;
    private final List<String> containers = new ArrayList<>();

    SoakDaemons(Path dir, Setup setup) throws IOException {
        this.dir = dir;
        this.setup = setup;
        this.namespace = "hawse-soak-" + Integer.toHexString(dir.hashCode());
        this.containerd = new PrivateContainerd(Files.createDirectory(dir.resolve("c")));
        this.hawsed = new Hawsed(dir, containerd.socket(), namespace);
        this.direct = new ContainerdClient(containerd.socket(), namespace);
    }

    void start(int count) throws IOException {
        containerd.start();
        hawsed.start(setup);
        client().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), LoadListener.NONE);
        for (int i = 0; i < count; i++) {
            containers.add(client().containers()
                    .runDetached(ContainerSpec.builder(TestImages.BUSYBOX, "sleep", "1000000")
                            .build())
                    .id());
        }
    }

    HawseClient client() {
        return hawsed.client();
    }

    ContainerdClient direct() {
        return direct;
    }

    PrivateContainerd containerd() {
        return containerd;
    }

    Hawsed hawsed() {
        return hawsed;
    }

    List<String> containers() {
        return containers;
    }

    Path dir() {
        return dir;
    }

    String namespace() {
        return namespace;
    }

    /** Kills the server and starts it again; returns when it serves. */
    void restartServer() throws IOException {
        hawsed.kill();
        hawsed.start(setup);
    }

    /** Kills containerd and starts it again; returns when the server has found it. */
    void restartContainerd() throws IOException {
        containerd.kill();
        containerd.start();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(HawseException.class)
                .until(() -> client().runtimes().list().getFirst().available()
                        && client().containers().stream(ContainerFilter.ALL).count() == containers.size());
    }

    void removeContainers() {
        containers.forEach(id -> client().containers().remove(id, true));
        containers.clear();
    }

    @Override
    public void close() {
        direct.close();
        hawsed.close();
        containerd.close();
        Processes.run(
                "sh",
                "-c",
                "rm -rf /run/containerd/runc/%1$s; find /sys/fs/cgroup/%1$s /sys/fs/cgroup/*/%1$s -depth -type d"
                                .formatted(namespace)
                        + " -exec rmdir {} + 2>/dev/null");
    }
}
