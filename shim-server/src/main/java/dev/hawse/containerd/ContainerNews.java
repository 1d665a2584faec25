package dev.hawse.containerd;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells of containers' being and of their runs, in the order of one container's life, when this server has seen to it: whoever
 * hears of an end finds the container ended. What was told in an earlier life is told again; listeners know.
 */
final class ContainerNews {

    private final EventPump listeners;

    ContainerNews(EventPump listeners) {
        this.listeners = listeners;
    }

    void created(ContainerEntry entry) {
        tell(RuntimeEvent.Type.CONTAINER_CREATED, entry, entry.createdAt, null, 0);
    }

    void started(ContainerEntry entry, long pid, Instant at) {
        tell(RuntimeEvent.Type.CONTAINER_STARTED, entry, at, null, pid);
    }

    void ended(ContainerEntry entry, long pid, ProcessExit exit) {
        var at = exit.exitedAt();
        tell(RuntimeEvent.Type.CONTAINER_EXITED, entry, at == null ? Instant.now() : at, exit.outcome(), pid);
    }

    /** It was found not running: if it was last told to run, it has ended, as its record says or as nobody knows. */
    void notRunning(ContainerEntry entry) {
        var now = entry.snapshot();
        var at = now.finishedAt();
        var outcome = now.exit();
        tell(
                RuntimeEvent.Type.CONTAINER_EXITED,
                entry,
                at == null ? Instant.now() : at,
                outcome == null ? new ExitOutcome.Lost("it ended while nobody watched") : outcome,
                0);
    }

    void removed(ContainerEntry entry) {
        tell(RuntimeEvent.Type.CONTAINER_REMOVED, entry, Instant.now(), null, 0);
    }

    /** It runs, or ran when it was taken over. */
    void commandStarted(ContainerId container, ExecId exec) {
        listeners.tell(ofCommand(RuntimeEvent.Type.EXEC_STARTED, container, exec, Instant.now(), null));
    }

    void commandEnded(ContainerId container, ExecId exec, ProcessExit exit) {
        listeners.tell(end(container, exec, exit));
    }

    /** It has ended, that is on disk, and containerd does not know it any more. */
    void commandGone(ContainerId container, ExecId exec) {
        listeners.commandGone(container.value(), exec.value());
    }

    /** A command of an earlier life has ended, which that may not have told. */
    void commandOver(ContainerId container, ExecId exec, ProcessExit exit) {
        listeners.commandOver(end(container, exec, exit));
    }

    void commandsKnown(Predicate<ExecId> known) {
        listeners.commandsKnown(id -> ContainerId.isWhole(id) && known.test(new ExecId(id)));
    }

    private static RuntimeEvent end(ContainerId container, ExecId exec, ProcessExit exit) {
        var at = exit.exitedAt() == null ? Instant.now() : exit.exitedAt();
        return ofCommand(RuntimeEvent.Type.EXEC_EXITED, container, exec, at, exit.outcome());
    }

    private static RuntimeEvent ofCommand(
            RuntimeEvent.Type type, ContainerId container, ExecId exec, Instant at, @Nullable ExitOutcome exit) {
        return new RuntimeEvent(type, RuntimeKind.CONTAINERD, at, container.value(), exec.value(), null, exit);
    }

    private void tell(RuntimeEvent.Type type, ContainerEntry entry, Instant at, @Nullable ExitOutcome exit, long run) {
        listeners.tell(new RuntimeEvent(type, RuntimeKind.CONTAINERD, at, entry.id.value(), null, null, exit, run));
    }
}
