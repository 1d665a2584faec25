package dev.hawse.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hawse.containerd.api.runc.v1.ProcessDetails;
import dev.hawse.containerd.api.services.tasks.v1.ListPidsRequest;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier life of this server left behind when it was cut off: commands that nobody reads any more, which are ended,
 * and FIFOs that nobody will open again, which are taken away. Only what is ours is touched.
 */
final class Leftovers {

    private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

    private final Engine engine;
    private final TaskRemoval removal;

    Leftovers(Engine engine) {
        this.engine = engine;
        this.removal = new TaskRemoval(engine);
    }

    void sweep(List<ContainerEntry> containers) {
        for (var entry : containers) {
            if (entry.running()) {
                endCommands(entry.id);
            }
        }
        removeFifos(containers.stream()
                .filter(ContainerEntry::running)
                .map(e -> e.id.value())
                .collect(Collectors.toSet()));
    }

    private void endCommands(ContainerId container) {
        try {
            var request = ListPidsRequest.newBuilder()
                    .setContainerId(container.value())
                    .build();
            for (var process : engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .listPids(request)
                    .getProcessesList()) {
                var exec =
                        ProcessDetails.parseFrom(process.getInfo().getValue()).getExecId();
                if (ContainerId.isWhole(exec)) {
                    log.info("ending command {} in container {}: its caller went with the server", exec, container);
                    engine.workers().execute(() -> {
                        var _ = removal.killAndDelete(container, new ExecId(exec));
                    });
                }
            }
        } catch (StatusRuntimeException | InvalidProtocolBufferException e) {
            log.warn("commands left in container {} could not be looked for: {}", container, e.getMessage());
        }
    }

    private void removeFifos(Set<String> inUse) {
        try (var folders = Files.newDirectoryStream(engine.settings().fifoDir())) {
            for (var folder : folders) {
                var name = folder.getFileName().toString();
                if (ContainerId.isWhole(name)
                        && !inUse.contains(name)
                        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    Stdio.remove(folder);
                }
            }
        } catch (IOException e) {
            log.warn(
                    "FIFOs left in {} could not be looked for",
                    engine.settings().fifoDir(),
                    e);
        }
    }
}
