package dev.hawse.containerd;

import dev.hawse.containerd.api.types.task.Process;
import dev.hawse.containerd.client.Lease;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.LogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier life of this server left behind when it was cut off, each told in the log: commands that nobody reads any
 * more, which are ended; tasks without a record, shims without a task, leases of servers that are gone, FIFOs that nobody will
 * open again and logs of containers that are no more, which are taken away. Only what is ours is touched, by label, id and
 * place.
 */
final class Leftovers {

    private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

    private final Engine engine;
    private final ContainerRecords records;
    private final LogStore logs;
    private final TaskRemoval removal;

    Leftovers(Engine engine, ContainerRecords records, LogStore logs, TaskRemoval removal) {
        this.engine = engine;
        this.records = records;
        this.logs = logs;
        this.removal = removal;
    }

    /**
     * Looks for everything once.
     *
     * @param tasks all that containerd lists, asked before the containers were
     */
    void sweep(List<ContainerEntry> containers, Collection<Process> tasks) {
        Lease.endLeft(engine.client());
        containers.stream()
                .filter(entry -> !entry.running())
                .forEach(entry -> Stdio.remove(engine.settings().fifoDir().resolve(entry.id.value())));
        var recorded = records.ids();
        for (var task : tasks) {
            if (ContainerId.isWhole(task.getId()) && !recorded.contains(task.getId()) && isOurs(task)) {
                engine.workers().execute(() -> endUnrecorded(new ContainerId(task.getId())));
            }
        }
        var listed = tasks.stream().map(Process::getId).collect(Collectors.toSet());
        engine.workers().execute(() -> new Shims(engine.settings().namespace()).endAllBut(listed));
        removeLogs(recorded);
    }

    /** Nobody has a record of it, but it writes to where we let our containers write. */
    private boolean isOurs(Process task) {
        var places = List.of(
                engine.settings().fifoDir().toString(),
                LogProgram.encoded(
                        engine.settings().logs().dir().toAbsolutePath().toString()));
        return places.stream().anyMatch(place -> task.getStdout().contains(place));
    }

    /** containerd finds tasks by their records, so it needs one again. */
    private void endUnrecorded(ContainerId id) {
        log.warn("ending task {}, whose container is gone", id);
        try {
            records.createStandIn(id);
            removal.killAndDelete(id).join();
        } catch (RuntimeException e) {
            log.warn("task {} stays: {}", id, e.getMessage());
        } finally {
            records.delete(id);
        }
    }

    private void removeLogs(Set<String> recorded) {
        try (var folders = Files.newDirectoryStream(engine.settings().logs().dir())) {
            for (var folder : folders) {
                var name = folder.getFileName().toString();
                if (ContainerId.isWhole(name) && !recorded.contains(name)) {
                    log.info("removing the log of container {}, which is gone", name);
                    logs.remove(new ContainerId(name));
                }
            }
        } catch (NoSuchFileException e) {
            log.debug("no log was ever written", e);
        } catch (IOException | RuntimeFailure e) {
            log.warn("logs of containers that are gone could not be looked for: {}", e.getMessage());
        }
    }
}
