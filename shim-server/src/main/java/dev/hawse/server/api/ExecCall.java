package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.api.runtime.v1.WriterLost;
import dev.hawse.exec.Attachment;
import dev.hawse.exec.DisconnectPolicy;
import dev.hawse.exec.Execs;
import dev.hawse.exec.Joining;
import dev.hawse.exec.Viewer;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** {@code ExecService.Exec}: one command, and the caller who asked for it. */
final class ExecCall extends ProcessCall<ExecRequest, ExecResponse> implements Viewer {

    private final Runtimes runtimes;
    private final Execs execs;
    private volatile @Nullable Attachment opening;

    ExecCall(Runtimes runtimes, Execs execs, StreamObserver<ExecResponse> responses, Executor workers) {
        super(responses, workers);
        this.runtimes = runtimes;
        this.execs = execs;
    }

    @Override
    Input<ExecRequest> parse(ExecRequest frame) {
        return switch (frame.getFrameCase()) {
            case START -> new Input.Start<>(frame);
            case STDIN -> new Input.Stdin<>(frame.getStdin().toByteArray());
            case STDIN_EOF -> new Input.StdinEof<>();
            case RESIZE -> new Input.Resize<>(ProcessMapper.size("resize", frame.getResize()));
            case SIGNAL -> Input.SendSignal.of(frame.getSignal());
            case FRAME_NOT_SET -> throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "a frame is empty");
        };
    }

    @Override
    CompletionStage<@Nullable ProcessSession> open(ExecRequest frame) {
        var start = frame.getStart();
        var located = runtimes.find(start.getContainer());
        var command = ExecMapper.command(located, start, DisconnectPolicy.KILL, "Exec", start);
        var how = Joining.starter(command.spec().io().stdin());
        return execs.begin(located.runtime().execs(), command, how, this).thenCompose(this::started);
    }

    private CompletionStage<@Nullable ProcessSession> started(Execs.Begun begun) {
        var caller = Objects.requireNonNull(begun.caller());
        opening = caller;
        if (isCallerGone()) {
            callerGone();
        }
        return begun.exec().settled().handle((exec, failure) -> {
            if (failure != null) {
                caller.close();
                throw StatusMapper.rethrown(failure);
            }
            if (exec.hasRun()) {
                send(ExecResponse.newBuilder()
                        .setStarted(ExecMapper.started(exec, begun.existing()))
                        .build());
            }
            return caller;
        });
    }

    /** Also while the command waits for its place, which is given up then. */
    @Override
    void callerGone() {
        var caller = opening;
        if (caller != null) {
            caller.close();
        }
    }

    @Override
    ExecResponse output(OutputKind stream, OutputFrame frame) {
        var chunk = ProcessMapper.chunk(frame.offset(), frame.bytes());
        return switch (stream) {
            case STDOUT -> ExecResponse.newBuilder().setStdout(chunk).build();
            case STDERR -> ExecResponse.newBuilder().setStderr(chunk).build();
        };
    }

    @Override
    ExecResponse exitedFrame(ProcessExit exit) {
        return ExecResponse.newBuilder().setExited(ProcessMapper.exited(exit)).build();
    }

    @Override
    ExecResponse gapFrame(OutputGap gap) {
        return ExecResponse.newBuilder().setGap(gap).build();
    }

    @Override
    public void writerLost() {
        send(ExecResponse.newBuilder()
                .setWriterLost(WriterLost.getDefaultInstance())
                .build());
    }

    @Override
    boolean halfCloseEndsInput() {
        return true;
    }
}
