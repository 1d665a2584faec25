package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerStart;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StdinEof;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.HawseException.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A container's first run, over one {@code RunContainer} call. */
final class RunCall extends SessionCall<RunContainerRequest, RunContainerResponse> implements RunSession {

    private volatile CreateContainerResponse created = CreateContainerResponse.getDefaultInstance();

    /** A container to be removed is gone when the call ends; its end is told then. */
    private RunCall(Connection connection, RunContainerStart start) {
        super(
                connection,
                connection.call(ContainerServiceGrpc.getRunContainerMethod(), null),
                start.getSpec().getIo().getStdin(),
                start.getRemove());
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
        call.start(RunContainerRequest.newBuilder().setStart(start).build());
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

    @Override
    void received(RunContainerResponse frame) {
        switch (frame.getFrameCase()) {
            case CREATED -> created = frame.getCreated();
            case STARTED -> headReceived();
            case STDOUT -> outputReceived(OutputKind.STDOUT, frame.getStdout().getData());
            case STDERR -> outputReceived(OutputKind.STDERR, frame.getStderr().getData());
            case GAP -> gapReceived(frame.getGap().getTo() - frame.getGap().getFrom());
            case EXITED -> exitReceived(frame.getExited());
            case FRAME_NOT_SET -> {
                // A newer server tells more than this client knows.
            }
        }
    }

    @Override
    RunContainerRequest inputFrame(ByteString data) {
        return RunContainerRequest.newBuilder().setStdin(data).build();
    }

    @Override
    RunContainerRequest eofFrame() {
        return RunContainerRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    RunContainerRequest resizeFrame(TerminalSize size) {
        return RunContainerRequest.newBuilder()
                .setResize(ProcessMapper.size(size))
                .build();
    }

    @Override
    RunContainerRequest signalFrame(String signal) {
        return RunContainerRequest.newBuilder()
                .setSignal(SignalFrame.newBuilder().setSignal(signal))
                .build();
    }
}
