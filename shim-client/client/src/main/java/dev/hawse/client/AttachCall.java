package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.AttachContainerStart;
import dev.hawse.api.runtime.v1.ContainerAttached;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StdinEof;

/** A container's main process, over one {@code AttachContainer} call. */
final class AttachCall extends SessionCall<AttachContainerRequest, AttachContainerResponse> implements AttachSession {

    private final String container;
    private volatile ContainerAttached attached = ContainerAttached.getDefaultInstance();

    private AttachCall(Connection connection, String container, AttachSpec spec) {
        super(connection, connection.call(ContainerServiceGrpc.getAttachContainerMethod(), null), spec.stdin(), false);
        this.container = container;
    }

    static AttachCall begin(Connection connection, String container, AttachSpec spec) {
        var call = new AttachCall(connection, container, spec);
        var start = AttachContainerStart.newBuilder().setContainer(container).setStdin(spec.stdin());
        if (spec.size() != null) {
            start.setSize(ProcessMapper.size(spec.size()));
        }
        call.start(AttachContainerRequest.newBuilder().setStart(start).build());
        return call;
    }

    @Override
    public String containerId() {
        return attached.getContainerId().isEmpty() ? container : attached.getContainerId();
    }

    @Override
    public boolean terminal() {
        return attached.getTerminal();
    }

    @Override
    public boolean stdinOpen() {
        return attached.getStdinOpen();
    }

    @Override
    void received(AttachContainerResponse frame) {
        switch (frame.getFrameCase()) {
            case ATTACHED -> {
                attached = frame.getAttached();
                headReceived();
            }
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
    AttachContainerRequest inputFrame(ByteString data) {
        return AttachContainerRequest.newBuilder().setStdin(data).build();
    }

    @Override
    AttachContainerRequest eofFrame() {
        return AttachContainerRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    AttachContainerRequest resizeFrame(TerminalSize size) {
        return AttachContainerRequest.newBuilder()
                .setResize(ProcessMapper.size(size))
                .build();
    }

    @Override
    AttachContainerRequest signalFrame(String signal) {
        return AttachContainerRequest.newBuilder()
                .setSignal(SignalFrame.newBuilder().setSignal(signal))
                .build();
    }
}
