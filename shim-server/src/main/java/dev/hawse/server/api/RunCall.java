package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.ContainerStarted;
import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerStart;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import dev.hawse.runtime.WaitCondition;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code ContainerService.RunContainer}: create, attach, start and carry, and remove at the end if asked to. */
final class RunCall extends ProcessCall<RunContainerRequest, RunContainerResponse> {

    private static final Logger log = LoggerFactory.getLogger(RunCall.class);

    private final Runtimes runtimes;
    private final Executor workers;
    private volatile @Nullable Running running;
    private volatile CompletableFuture<Void> removal = CompletableFuture.completedFuture(null);

    private record Running(ContainerOperations containers, ContainerId id, boolean killOnDisconnect) {}

    RunCall(Runtimes runtimes, StreamObserver<RunContainerResponse> responses, Executor workers) {
        super(responses, workers);
        this.runtimes = runtimes;
        this.workers = workers;
    }

    @Override
    Input<RunContainerRequest> parse(RunContainerRequest frame) {
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
    CompletionStage<@Nullable ProcessSession> open(RunContainerRequest frame) {
        var start = frame.getStart();
        var containers = runtimes.choose(start.getRuntime()).containers();
        var created = containers.create(SpecMapper.spec(start.getSpec()));
        var id = created.container().id();
        send(RunContainerResponse.newBuilder()
                .setCreated(ContainerMapper.created(created))
                .build());
        if (start.getRemove()) {
            removal =
                    containers.await(id, WaitCondition.NEXT_EXIT).thenAcceptAsync(_ -> remove(containers, id), workers);
        }
        return CompletableFuture.completedFuture(start(containers, id, start));
    }

    private @Nullable ProcessSession start(ContainerOperations containers, ContainerId id, RunContainerStart start) {
        var session = start.getDetach() ? null : containers.attach(id, null, true, this);
        try {
            var started = containers.start(id);
            running = new Running(containers, id, start.getKillOnDisconnect());
            if (isCallerGone()) {
                callerGone();
            }
            var frame = RunContainerResponse.newBuilder()
                    .setStarted(ContainerStarted.newBuilder().setPid((int) started.pid()))
                    .build();
            if (session == null) {
                end(frame);
            } else {
                send(frame);
            }
            return session;
        } catch (RuntimeFailure e) {
            if (session != null) {
                session.close();
            }
            if (start.getRemove()) {
                remove(containers, id);
            }
            var spawn = e.metadata().get("spawn_failure");
            if (spawn == null) {
                throw e;
            }
            var failure = new ExitOutcome.SpawnFailed(SpawnFailureKind.valueOf(spawn), 0, e.getMessage());
            end(exitedFrame(ProcessExit.notStarted(failure, PhaseTimes.NONE)));
            return null;
        }
    }

    private static void remove(ContainerOperations containers, ContainerId id) {
        try {
            containers.remove(id, true);
        } catch (RuntimeFailure e) {
            if (e.reason() != Reason.CONTAINER_NOT_FOUND) {
                log.warn("container {} was to be removed at its end and is still there: {}", id, e.getMessage());
            }
        }
    }

    /** When the caller learns of the end, the container is gone, if it is to go. */
    @Override
    public void exited(ProcessExit exit) {
        var _ = removal.whenComplete((_, _) -> end(exitedFrame(exit)));
    }

    @Override
    void callerGone() {
        var r = running;
        if (r == null) {
            return;
        }
        workers.execute(() -> {
            try {
                if (r.killOnDisconnect()) {
                    r.containers().kill(r.id(), Signal.KILL, true);
                }
            } catch (RuntimeFailure e) {
                log.debug("container {} had ended before its caller left: {}", r.id(), e.getMessage());
            }
        });
    }

    @Override
    RunContainerResponse output(OutputKind stream, OutputFrame frame) {
        var chunk = ProcessMapper.chunk(frame.offset(), frame.bytes());
        return switch (stream) {
            case STDOUT -> RunContainerResponse.newBuilder().setStdout(chunk).build();
            case STDERR -> RunContainerResponse.newBuilder().setStderr(chunk).build();
        };
    }

    @Override
    RunContainerResponse exitedFrame(ProcessExit exit) {
        return RunContainerResponse.newBuilder()
                .setExited(ProcessMapper.exited(exit))
                .build();
    }

    @Override
    RunContainerResponse gapFrame(OutputGap gap) {
        return RunContainerResponse.newBuilder().setGap(gap).build();
    }

    @Override
    boolean halfCloseEndsInput() {
        return true;
    }
}
