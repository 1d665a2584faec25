package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.StdinEof;
import io.grpc.MethodDescriptor;
import java.util.function.Consumer;

/** The frames of {@code RunContainer}. */
final class RunFrames implements Frames<RunContainerRequest, RunContainerResponse> {

    private final Consumer<CreateContainerResponse> created;

    RunFrames(Consumer<CreateContainerResponse> created) {
        this.created = created;
    }

    @Override
    public MethodDescriptor<RunContainerRequest, RunContainerResponse> method() {
        return ContainerServiceGrpc.getRunContainerMethod();
    }

    @Override
    public void read(RunContainerResponse frame, SessionState session) {
        switch (frame.getFrameCase()) {
            case CREATED -> created.accept(frame.getCreated());
            case STDOUT -> session.output().received(OutputKind.STDOUT, frame.getStdout());
            case STDERR -> session.output().received(OutputKind.STDERR, frame.getStderr());
            case GAP -> session.output().gap(ProcessMapper.gap(frame.getGap()));
            case EXITED -> session.exitReceived(frame.getExited());
            case STARTED -> session.headReceived();
            case FRAME_NOT_SET -> {
                // A newer server tells more than this client knows.
            }
        }
    }

    @Override
    public RunContainerRequest input(ByteString data) {
        return RunContainerRequest.newBuilder().setStdin(data).build();
    }

    @Override
    public RunContainerRequest endOfInput() {
        return RunContainerRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    public RunContainerRequest resize(TerminalSize size) {
        return RunContainerRequest.newBuilder()
                .setResize(ProcessMapper.size(size))
                .build();
    }

    @Override
    public RunContainerRequest signal(String signal, SignalScope scope) {
        return RunContainerRequest.newBuilder()
                .setSignal(ProcessMapper.signal(signal, scope))
                .build();
    }
}
