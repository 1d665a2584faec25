package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.ContainerAttached;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.StdinEof;
import io.grpc.MethodDescriptor;
import java.util.function.Consumer;

/** The frames of {@code AttachContainer}. */
final class AttachFrames implements Frames<AttachContainerRequest, AttachContainerResponse> {

    private final Consumer<ContainerAttached> attached;

    AttachFrames(Consumer<ContainerAttached> attached) {
        this.attached = attached;
    }

    @Override
    public MethodDescriptor<AttachContainerRequest, AttachContainerResponse> method() {
        return ContainerServiceGrpc.getAttachContainerMethod();
    }

    @Override
    public void read(AttachContainerResponse frame, SessionState session) {
        switch (frame.getFrameCase()) {
            case ATTACHED -> {
                attached.accept(frame.getAttached());
                session.headReceived();
            }
            case STDOUT -> session.output().received(OutputKind.STDOUT, frame.getStdout());
            case STDERR -> session.output().received(OutputKind.STDERR, frame.getStderr());
            case GAP -> session.output().gap(ProcessMapper.gap(frame.getGap()));
            case EXITED -> session.exitReceived(frame.getExited());
            case FRAME_NOT_SET -> {
                // A newer server tells more than this client knows.
            }
        }
    }

    @Override
    public AttachContainerRequest input(ByteString data) {
        return AttachContainerRequest.newBuilder().setStdin(data).build();
    }

    @Override
    public AttachContainerRequest endOfInput() {
        return AttachContainerRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    public AttachContainerRequest resize(TerminalSize size) {
        return AttachContainerRequest.newBuilder()
                .setResize(ProcessMapper.size(size))
                .build();
    }

    @Override
    public AttachContainerRequest signal(String signal, SignalScope scope) {
        return AttachContainerRequest.newBuilder()
                .setSignal(ProcessMapper.signal(signal, scope))
                .build();
    }
}
