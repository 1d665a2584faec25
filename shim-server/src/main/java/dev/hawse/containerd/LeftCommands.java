package dev.hawse.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hawse.containerd.api.runc.v1.ProcessDetails;
import dev.hawse.containerd.api.services.tasks.v1.ListPidsRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands of an earlier life of this server whose callers went with it, which are ended, and FIFOs that nobody will open
 * again, which are taken away. Only what is ours is touched.
 */
final class LeftCommands {

    private static final Logger log = LoggerFactory.getLogger(LeftCommands.class);

    private final Engine engine;
    private final ContainerIndex index;
    private final TaskRemoval removal;

    LeftCommands(Engine engine, ContainerIndex index, TaskRemoval removal) {
        this.engine = engine;
        this.index = index;
        this.removal = removal;
    }

    /** @param known commands that are somebody's */
    void sweep(Predicate<ExecId> known) {
        for (var entry : index.known()) {
            if (entry.running()) {
                endCommands(entry.id, known);
            }
        }
        removeFifos(name -> index.peek(name) != null || known.test(new ExecId(name)));
    }

    private void endCommands(ContainerId container, Predicate<ExecId> known) {
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
                if (ContainerId.isWhole(exec) && !known.test(new ExecId(exec))) {
                    log.info("ending command {} in container {}: its caller went with the server", exec, container);
                    engine.workers().execute(() -> {
                        new ProcessTree(process.getPid(), container.value()).kill();
                        var _ = removal.killAndDelete(container, new ExecId(exec));
                    });
                }
            }
        } catch (StatusRuntimeException | InvalidProtocolBufferException e) {
            log.warn("commands left in container {} could not be looked for: {}", container, e.getMessage());
        }
    }

    private void removeFifos(Predicate<String> inUse) {
        try (var folders = Files.newDirectoryStream(engine.settings().fifoDir())) {
            for (var folder : folders) {
                var name = folder.getFileName().toString();
                if (ContainerId.isWhole(name)
                        && !inUse.test(name)
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
