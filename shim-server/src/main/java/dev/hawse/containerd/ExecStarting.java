package dev.hawse.containerd;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hawse.containerd.api.services.tasks.v1.ExecProcessRequest;
import dev.hawse.containerd.api.services.tasks.v1.StartRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessIo;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A command on its way from being described to running: registered with containerd, watched, started.
 *
 * <p>Each step begins on the thread that brings the answer to the one before, since a hand-over would cost more than the
 * step does; only taking back what a failure has left, which waits, goes to a worker. Nobody can interrupt it: a start
 * that is cut off in the middle would leave a command that nobody knows of.
 */
final class ExecStarting {

    private static final String OCI_PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";

    private final Engine engine;
    private final ContainerId container;
    private final ExecId id;
    private final ManagedProcess managed;
    private final Undo undo;
    private final Duration queued;
    private final long began;
    private volatile boolean asked;
    private final CompletableFuture<Long> started = new CompletableFuture<>();

    /**
     * Takes over {@code undo}: it is done before a failure is told, unless the command may run all the same. {@code began} is
     * when its turn came, as nanoTime.
     */
    ExecStarting(
            Engine engine,
            ContainerId container,
            ExecId id,
            ManagedProcess managed,
            Undo undo,
            Duration queued,
            long began) {
        this.engine = engine;
        this.container = container;
        this.id = id;
        this.managed = managed;
        this.undo = undo;
        this.queued = queued;
        this.began = began;
    }

    /**
     * Begins; the answer is the process id, on a thread that must not be blocked, or the {@link StatusRuntimeException} that
     * a step ended with, on any.
     *
     * @param process what to execute, as the OCI runtime specification describes it
     */
    CompletableFuture<Long> begin(byte[] process, ProcessIo io) {
        var stdio = managed.stdio();
        var request = ExecProcessRequest.newBuilder()
                .setContainerId(container.value())
                .setExecId(id.value())
                .setStdin(stdio.stdinPath())
                .setStdout(stdio.stdoutPath())
                .setStderr(stdio.stderrPath())
                .setTerminal(io.terminal())
                .setSpec(Any.newBuilder().setTypeUrl(OCI_PROCESS).setValue(ByteString.copyFrom(process)))
                .build();
        then(engine.client().tasksAsync(ContainerdClient.QUICK).exec(request), _ -> registered(io.terminal()));
        return started;
    }

    /** Whether it may run, or have run, though its start has failed: containerd was asked, and nobody says that it did not. */
    boolean mayHaveRun(Throwable failure) {
        return asked && !(failure instanceof StatusRuntimeException e && SpawnFailures.saysNotStarted(e));
    }

    private void registered(boolean terminal) {
        FailPoint.at("exec.registered");
        // A shim whose start was cut off never tells an end. As long as it is waited for there, which nothing ends, the
        // shim keeps the command's terminal and its input, also when the command is deleted (containerd 1.6); pipes it
        // frees.
        if (!terminal) {
            managed.watch();
        }
        asked = true;
        var request = StartRequest.newBuilder()
                .setContainerId(container.value())
                .setExecId(id.value())
                .build();
        then(engine.client().tasksAsync(engine.settings().startTimeout()).start(request), answer -> {
            FailPoint.at("exec.started");
            undo.keep();
            if (terminal) {
                managed.watch();
            }
            managed.started(queued, sinceBegin());
            started.complete((long) answer.getPid());
        });
    }

    /** How long a start took that has failed. */
    PhaseTimes times() {
        return new PhaseTimes(queued, sinceBegin(), Duration.ZERO, Duration.ZERO);
    }

    private Duration sinceBegin() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private <T> void then(ListenableFuture<T> call, Consumer<T> next) {
        Futures.addCallback(
                call,
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(T answer) {
                        try {
                            next.accept(answer);
                        } catch (RuntimeException e) {
                            failed(e);
                        }
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        failed(failure);
                    }
                },
                MoreExecutors.directExecutor());
    }

    private void failed(Throwable failure) {
        engine.workers().execute(() -> {
            if (mayHaveRun(failure)) {
                undo.keep();
            } else {
                undo.close();
            }
            started.completeExceptionally(failure);
        });
    }
}
