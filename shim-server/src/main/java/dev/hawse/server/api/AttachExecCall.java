package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.ExecAttached;
import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.api.runtime.v1.WriterLost;
import dev.hawse.exec.Execs;
import dev.hawse.exec.Viewer;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** {@code ExecService.AttachExec}: one more caller of a command. */
final class AttachExecCall extends ProcessCall<AttachExecRequest, AttachExecResponse> implements Viewer {

    private final Execs execs;
    private volatile boolean mayWrite;

    AttachExecCall(Execs execs, StreamObserver<AttachExecResponse> responses, Executor workers) {
        super(responses, workers);
        this.execs = execs;
    }

    @Override
    Input<AttachExecRequest> parse(AttachExecRequest frame) {
        return switch (frame.getFrameCase()) {
            case START -> new Input.Start<>(frame);
            case STDIN -> new Input.Stdin<>(frame.getStdin().toByteArray());
            case STDIN_EOF -> new Input.StdinEof<>();
            case RESIZE -> {
                checkInput();
                yield new Input.Resize<>(ProcessMapper.size("resize", frame.getResize()));
            }
            case SIGNAL -> Input.SendSignal.of(frame.getSignal());
            case FRAME_NOT_SET -> throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "a frame is empty");
        };
    }

    @Override
    void checkInput() {
        if (!mayWrite) {
            throw RuntimeFailure.of(
                    Reason.PROTOCOL_VIOLATION, "stdin: only a caller that was attached with it gives input or a size");
        }
    }

    @Override
    CompletionStage<@Nullable ProcessSession> open(AttachExecRequest frame) {
        var start = frame.getStart();
        var exec = execs.find(start.getExecId());
        mayWrite = start.getStdin();
        var caller = exec.join(ExecMapper.joining(start, exec.info().output().kind()), this);
        send(AttachExecResponse.newBuilder()
                .setAttached(ExecAttached.newBuilder()
                        .setExec(ExecMapper.exec(exec.info()))
                        .setFrom(ExecMapper.offsets(caller.from())))
                .build());
        return CompletableFuture.completedFuture(caller);
    }

    @Override
    AttachExecResponse output(OutputKind stream, OutputFrame frame) {
        var chunk = ProcessMapper.chunk(frame.offset(), frame.bytes());
        return switch (stream) {
            case STDOUT -> AttachExecResponse.newBuilder().setStdout(chunk).build();
            case STDERR -> AttachExecResponse.newBuilder().setStderr(chunk).build();
        };
    }

    @Override
    AttachExecResponse exitedFrame(ProcessExit exit) {
        return AttachExecResponse.newBuilder()
                .setExited(ProcessMapper.exited(exit))
                .build();
    }

    @Override
    AttachExecResponse gapFrame(OutputGap gap) {
        return AttachExecResponse.newBuilder().setGap(gap).build();
    }

    @Override
    public void writerLost() {
        send(AttachExecResponse.newBuilder()
                .setWriterLost(WriterLost.getDefaultInstance())
                .build());
    }

    @Override
    boolean halfCloseEndsInput() {
        return false;
    }
}
