package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerStart;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StdinEof;
import java.util.List;

/** A container's first run, over one {@code RunContainer} call. */
final class RunCall extends SessionCall<RunContainerRequest, RunContainerResponse> implements RunSession {

    private volatile CreateContainerResponse created = CreateContainerResponse.getDefaultInstance();

    /** With {@code remove} the end is told when the container is gone, which is when the call ends. */
    private RunCall(Connection connection, ContainerSpec spec, boolean remove) {
        super(connection, connection.call(ContainerServiceGrpc.getRunContainerMethod(), null), spec.stdin(), remove);
    }

    static RunCall begin(Connection connection, ContainerSpec spec, boolean remove) {
        var call = new RunCall(connection, spec, remove);
        call.start(RunContainerRequest.newBuilder()
                .setStart(RunContainerStart.newBuilder()
                        .setSpec(ContainerMapper.spec(spec))
                        .setRuntime(Values.runtime(spec.runtime()))
                        .setRemove(remove))
                .build());
        return call;
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
