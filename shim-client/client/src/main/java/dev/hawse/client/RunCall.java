package dev.hawse.client;

import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerStart;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.HawseException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A container's first run, over one {@code RunContainer} call. */
final class RunCall extends SessionCall implements RunSession {

    private volatile CreateContainerResponse created = CreateContainerResponse.getDefaultInstance();

    /** A container to be removed is gone when the call ends; its end is told then. */
    private RunCall(Connection connection, RunContainerStart start) {
        super(new SessionState(connection, start.getSpec().getIo().getStdin(), start.getRemove()));
    }

    static RunContainerStart.Builder request(ContainerSpec spec, Set<RunOption> options) {
        return RunContainerStart.newBuilder()
                .setSpec(ContainerMapper.spec(spec))
                .setRuntime(Values.runtime(spec.runtime()))
                .setRemove(options.contains(RunOption.REMOVE_AT_EXIT))
                .setKillOnDisconnect(options.contains(RunOption.KILL_ON_CLOSE));
    }

    static RunCall begin(Connection connection, RunContainerStart start) {
        var call = new RunCall(connection, start);
        call.state()
                .connect(
                        new RunFrames(created -> call.created = created),
                        RunContainerRequest.newBuilder().setStart(start).build(),
                        true);
        return call;
    }

    /** For a run that is left to itself: fails as a mere start would when the program could not be executed. */
    void checkStarted() {
        if (spawnFailure() instanceof ExitStatus.SpawnFailed f) {
            throw new HawseException(
                    Code.FAILED_PRECONDITION,
                    Reason.OCI_RUNTIME_FAILED,
                    f.message(),
                    Map.of("container", containerId(), "spawn_failure", f.kind().name()),
                    List.of(),
                    null,
                    null);
        }
    }

    @Override
    public String containerId() {
        return created.getContainer().getId();
    }

    @Override
    public Container container() {
        return ContainerMapper.container(created.getContainer());
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(created.getWarningsList());
    }
}
