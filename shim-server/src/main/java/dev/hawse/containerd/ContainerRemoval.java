package dev.hawse.containerd;

import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.stream.LogStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes containers away: the task first, then the record, then the root file system, which a task needs to the last. */
final class ContainerRemoval {

    private static final Logger log = LoggerFactory.getLogger(ContainerRemoval.class);

    private final ContainerIndex index;
    private final ContainerRecords records;
    private final ContainerCreation creation;
    private final MainProcesses processes;
    private final ContainerEnding ending;
    private final LogStore logs;

    ContainerRemoval(
            ContainerIndex index,
            ContainerRecords records,
            ContainerCreation creation,
            MainProcesses processes,
            ContainerEnding ending,
            LogStore logs) {
        this.index = index;
        this.records = records;
        this.creation = creation;
        this.processes = processes;
        this.ending = ending;
        this.logs = logs;
    }

    /** Kills what runs, before its turn: a stop that waits out its grace must not delay a removal by force. */
    void killAhead(ContainerId id) {
        var running = index.get(id).process();
        if (running != null) {
            running.signal(Signal.KILL, true);
        }
    }

    /** Removes a container. The caller holds its turn. */
    void remove(ContainerEntry entry, boolean force) {
        var process = entry.process();
        if (process != null) {
            if (!force) {
                throw RuntimeFailure.containerState(entry.id, entry.state(), "stop it first, or remove it by force");
            }
            ending.kill(entry, process);
        }
        ending.settle(entry);
        FailPoint.at("remove.ended");
        processes.deleteTask(entry);
        FailPoint.at("remove.task");
        records.delete(entry.id);
        FailPoint.at("remove.record");
        creation.removeSnapshot(entry.snapshotter, entry.id);
        FailPoint.at("remove.snapshot");
        logs.remove(entry.id);
        forget(entry);
    }

    /**
     * Follows somebody else who has deleted a container's record. A task that is still there is lost to everybody then,
     * with its shim and its processes, for containerd finds tasks by their records: it needs one again to be deleted.
     */
    void vanished(ContainerEntry entry) {
        entry.turns.lock();
        try {
            if (index.peek(entry.id.value()) != entry) {
                return;
            }
            log.info("container {} was removed by somebody else", entry.id);
            var process = entry.process();
            if (process != null) {
                records.createStandIn(entry.id);
                remove(entry, true);
            } else {
                creation.removeSnapshot(entry.snapshotter, entry.id);
                logs.remove(entry.id);
            }
        } catch (RuntimeException e) {
            log.warn("what is left of container {}, which somebody removed, stays: {}", entry.id, e.getMessage());
        } finally {
            if (index.peek(entry.id.value()) == entry) {
                forget(entry);
            }
            entry.turns.unlock();
        }
    }

    private void forget(ContainerEntry entry) {
        index.remove(entry);
        entry.removed();
    }
}
