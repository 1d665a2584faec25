package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.ContainerAttached;
import dev.hawse.api.runtime.v1.OutputGap;
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

/** {@code ContainerService.AttachContainer}: one viewer of a container's main process. */
final class AttachCall extends ProcessCall<AttachContainerRequest, AttachContainerResponse> {

    private final Runtimes runtimes;
    private volatile boolean mayWrite;

    AttachCall(Runtimes runtimes, StreamObserver<AttachContainerResponse> responses, Executor workers) {
        super(responses, workers);
        this.runtimes = runtimes;
    }

    @Override
    Input<AttachContainerRequest> parse(AttachContainerRequest frame) {
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
    void checkInput() {
        if (!mayWrite) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: the call was started without it");
        }
    }

    @Override
    CompletionStage<@Nullable ProcessSession> open(AttachContainerRequest frame) {
        var start = frame.getStart();
        var located = runtimes.find(start.getContainer());
        var container = located.container();
        var io = container.spec().io();
        if (start.hasSize() && !io.terminal()) {
            throw RuntimeFailure.invalid("size", "the container has no terminal");
        }
        if (start.getStdin() && !io.stdin()) {
            throw RuntimeFailure.invalid("stdin", "the container was created without stdin");
        }
        mayWrite = start.getStdin();
        var size = start.hasSize() ? ProcessMapper.size("size", start.getSize()) : null;
        var session = located.runtime().containers().attach(located.container().id(), size, false, this);
        send(AttachContainerResponse.newBuilder()
                .setAttached(ContainerAttached.newBuilder()
                        .setContainerId(located.container().id().value())
                        .setTerminal(io.terminal())
                        .setStdinOpen(io.stdin()))
                .build());
        return CompletableFuture.completedFuture(session);
    }

    @Override
    AttachContainerResponse output(OutputKind stream, OutputFrame frame) {
        var chunk = ProcessMapper.chunk(frame.offset(), frame.bytes());
        return switch (stream) {
            case STDOUT -> AttachContainerResponse.newBuilder().setStdout(chunk).build();
            case STDERR -> AttachContainerResponse.newBuilder().setStderr(chunk).build();
        };
    }

    @Override
    AttachContainerResponse exitedFrame(ProcessExit exit) {
        return AttachContainerResponse.newBuilder()
                .setExited(ProcessMapper.exited(exit))
                .build();
    }

    @Override
    AttachContainerResponse gapFrame(OutputGap gap) {
        return AttachContainerResponse.newBuilder().setGap(gap).build();
    }

    @Override
    boolean halfCloseEndsInput() {
        return false;
    }
}
