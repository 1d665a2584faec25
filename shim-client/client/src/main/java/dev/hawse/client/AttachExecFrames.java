package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.ExecAttached;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.StdinEof;
import io.grpc.MethodDescriptor;
import java.util.function.Consumer;

/** The frames of {@code AttachExec}. */
final class AttachExecFrames implements Frames<AttachExecRequest, AttachExecResponse> {

    private final Consumer<ExecAttached> attached;
    private final Runnable writerLost;

    AttachExecFrames(Consumer<ExecAttached> attached, Runnable writerLost) {
        this.attached = attached;
        this.writerLost = writerLost;
    }

    @Override
    public MethodDescriptor<AttachExecRequest, AttachExecResponse> method() {
        return ExecServiceGrpc.getAttachExecMethod();
    }

    @Override
    public void read(AttachExecResponse frame, SessionState session) {
        switch (frame.getFrameCase()) {
            case ATTACHED -> attached.accept(frame.getAttached());
            case STDOUT -> session.output().received(OutputKind.STDOUT, frame.getStdout());
            case STDERR -> session.output().received(OutputKind.STDERR, frame.getStderr());
            case GAP -> session.output().gap(ProcessMapper.gap(frame.getGap()));
            case EXITED -> session.exitReceived(frame.getExited());
            case WRITER_LOST -> writerLost.run();
            case FRAME_NOT_SET -> {
                // A newer server tells more than this client knows.
            }
        }
    }

    @Override
    public AttachExecRequest input(ByteString data) {
        return AttachExecRequest.newBuilder().setStdin(data).build();
    }

    @Override
    public AttachExecRequest endOfInput() {
        return AttachExecRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    public AttachExecRequest resize(TerminalSize size) {
        return AttachExecRequest.newBuilder()
                .setResize(ProcessMapper.size(size))
                .build();
    }

    @Override
    public AttachExecRequest signal(String signal, SignalScope scope) {
        return AttachExecRequest.newBuilder()
                .setSignal(ProcessMapper.signal(signal, scope))
                .build();
    }
}
