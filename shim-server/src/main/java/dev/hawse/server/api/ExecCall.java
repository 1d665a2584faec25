package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.ExecMode;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** {@code ExecService.Exec}: one command. When its caller is gone, it is killed. */
final class ExecCall extends ProcessCall<ExecRequest, ExecResponse> {

    private final Runtimes runtimes;
    private volatile @Nullable CompletableFuture<ExecStart> opening;

    ExecCall(Runtimes runtimes, StreamObserver<ExecResponse> responses, Executor workers) {
        super(responses, workers);
        this.runtimes = runtimes;
    }

    @Override
    Input<ExecRequest> parse(ExecRequest frame) {
        return switch (frame.getFrameCase()) {
            case START -> new Input.Start<>(frame);
            case STDIN -> new Input.Stdin<>(frame.getStdin().toByteArray());
            case STDIN_EOF -> new Input.StdinEof<>();
            case RESIZE -> new Input.Resize<>(ProcessMapper.size("resize", frame.getResize()));
            case SIGNAL -> new Input.SendSignal<>(Signal.parse(frame.getSignal().getSignal()));
            case FRAME_NOT_SET -> throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "a frame is empty");
        };
    }

    @Override
    CompletionStage<@Nullable ProcessSession> open(ExecRequest start) {
        var spec = ProcessMapper.execSpec(start.getStart());
        var located = runtimes.find(start.getStart().getContainer());
        var container = located.container().id();
        var answer = located.runtime().execs().start(container, spec, this);
        opening = answer;
        if (isCallerGone()) {
            callerGone();
        }
        return answer.thenApply(started -> switch (started) {
            case ExecStart.Running(var id, var pid, var session) -> {
                send(started(id, container, pid));
                yield session;
            }
            case ExecStart.NotStarted(var exit) -> {
                end(exitedFrame(exit));
                yield null;
            }
        });
    }

    /** A command that waits for its place is not started any more when nobody is left to want it. */
    @Override
    void callerGone() {
        var answer = opening;
        if (answer != null) {
            answer.cancel(false);
        }
    }

    private static ExecResponse started(ExecId id, ContainerId container, long pid) {
        return ExecResponse.newBuilder()
                .setStarted(ExecStarted.newBuilder()
                        .setExecId(id.value())
                        .setContainerId(container.value())
                        .setPid((int) pid)
                        .setMode(ExecMode.EXEC_MODE_RUNTIME))
                .build();
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
    boolean halfCloseEndsInput() {
        return true;
    }
}
