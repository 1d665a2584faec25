package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.StdinEof;
import io.grpc.MethodDescriptor;
import java.util.function.Consumer;

/** The frames of {@code Exec}. */
final class ExecFrames implements Frames<ExecRequest, ExecResponse> {

    private final Consumer<ExecStarted> started;
    private final Runnable writerLost;

    ExecFrames(Consumer<ExecStarted> started, Runnable writerLost) {
        this.started = started;
        this.writerLost = writerLost;
    }

    @Override
    public MethodDescriptor<ExecRequest, ExecResponse> method() {
        return ExecServiceGrpc.getExecMethod();
    }

    @Override
    public void read(ExecResponse frame, SessionState session) {
        switch (frame.getFrameCase()) {
            case STARTED -> {
                started.accept(frame.getStarted());
                session.headReceived();
            }
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
    public ExecRequest input(ByteString data) {
        return ExecRequest.newBuilder().setStdin(data).build();
    }

    @Override
    public ExecRequest endOfInput() {
        return ExecRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    public ExecRequest resize(TerminalSize size) {
        return ExecRequest.newBuilder().setResize(ProcessMapper.size(size)).build();
    }

    @Override
    public ExecRequest signal(String signal, SignalScope scope) {
        return ExecRequest.newBuilder()
                .setSignal(ProcessMapper.signal(signal, scope))
                .build();
    }
}
