package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.services.tasks.v1.CreateTaskRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.ContainerId;
import dev.hawse.sys.Fifo;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What a server leaves that dies at an unlucky moment. */
final class Crash {

    private Crash() {}

    /** FIFOs and a task that was created and never started. */
    static void betweenCreateAndStart(ContainerdEngine engine, ContainerId id) throws IOException {
        var fifos = Files.createDirectory(engine.fifoDir().resolve(id.value()));
        var client = engine.containerd().client();
        var stdout = fifos.resolve("stdout");
        var stderr = fifos.resolve("stderr");
        for (var fifo : List.of(stdout, stderr)) {
            Fifo.create(fifo);
        }
        try (var _ = Fifo.openReadWriteGuard(stdout);
                var _ = Fifo.openReadWriteGuard(stderr)) {
            var snapshotter = client.containers()
                    .get(dev.hawse.containerd.api.services.containers.v1.GetContainerRequest.newBuilder()
                            .setId(id.value())
                            .build())
                    .getContainer()
                    .getSnapshotter();
            var mounts = client.snapshots()
                    .mounts(MountsRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(id.value())
                            .build())
                    .getMountsList();
            client.tasks(ContainerdClient.SLOW)
                    .create(CreateTaskRequest.newBuilder()
                            .setContainerId(id.value())
                            .addAllRootfs(mounts)
                            .setStdout(stdout.toString())
                            .setStderr(stderr.toString())
                            .build());
        }
    }
}
