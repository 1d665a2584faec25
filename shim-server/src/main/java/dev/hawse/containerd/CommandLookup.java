package dev.hawse.containerd;

import dev.hawse.containerd.api.services.tasks.v1.GetRequest;
import dev.hawse.containerd.api.types.task.Process;
import dev.hawse.containerd.api.types.task.Status;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** Finds out how it is with commands. Blocks, for some seconds at most. */
final class CommandLookup {

    private final Engine engine;

    CommandLookup(Engine engine) {
        this.engine = engine;
    }

    /**
     * What the shim knows of a command; null for nothing.
     *
     * @throws RuntimeFailure when it does not say
     */
    @Nullable
    Process find(ContainerId container, ExecId id) {
        try {
            var found = engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .get(GetRequest.newBuilder()
                            .setContainerId(container.value())
                            .setExecId(id.value())
                            .build())
                    .getProcess();
            if (found.getStatus() == Status.UNKNOWN) {
                throw RuntimeFailure.of(
                        Reason.RUNTIME_TIMEOUT, "the runtime does not say how it is with command " + id);
            }
            return found;
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, io.grpc.Status.Code.NOT_FOUND)) {
                return null;
            }
            throw ContainerdFailures.from(
                    e, "look for command " + id, engine.settings().socket());
        }
    }

    /** In a container that is paused every command is, also one that was not started. */
    static boolean wasStarted(Process found) {
        return found.getStatus() != Status.CREATED && found.getPid() != 0;
    }
}
