package dev.hawse.containerd;

import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells of containers' being and of their runs, in the order of one container's life, when this server has seen to it: whoever
 * hears of an end finds the container ended. What was told in an earlier life is told again; listeners know.
 */
final class ContainerNews {

    private final Consumer<RuntimeEvent> listeners;

    ContainerNews(Consumer<RuntimeEvent> listeners) {
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

    private void tell(RuntimeEvent.Type type, ContainerEntry entry, Instant at, @Nullable ExitOutcome exit, long run) {
        listeners.accept(new RuntimeEvent(type, RuntimeKind.CONTAINERD, at, entry.id.value(), null, null, exit, run));
    }
}
