package dev.hawse.containerd;

import dev.hawse.containerd.api.services.tasks.v1.DeleteProcessRequest;
import dev.hawse.containerd.api.services.tasks.v1.DeleteTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.KillRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes tasks and commands away from containerd. That there is none is fine everywhere. */
final class TaskRemoval {

    private static final Logger log = LoggerFactory.getLogger(TaskRemoval.class);

    /** A shim that goes while it is asked breaks the call off; the next one finds nobody. */
    private static final int ATTEMPTS = 3;

    /** An answer that is lost leaves a shim that nobody lists (containerd#11392), so this is longer than any one takes. */
    private static final Duration DELETE = Duration.ofSeconds(30);

    private static final int KILLS = 20;
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Engine engine;
    private final Shims shims;

    TaskRemoval(Engine engine) {
        this.engine = engine;
        this.shims = new Shims(engine.settings().namespace());
    }

    /** Takes away a task that has ended or was never started. */
    void delete(ContainerId id) {
        delete("delete the task of container " + id.shortForm(), () -> {
            var _ = engine.client()
                    .tasks(DELETE)
                    .delete(DeleteTaskRequest.newBuilder()
                            .setContainerId(id.value())
                            .build());
        });
    }

    /** Takes away a command that has ended or was never started. */
    void delete(ContainerId id, ExecId exec) {
        delete("delete exec " + exec, () -> {
            var _ = engine.client()
                    .tasks(DELETE)
                    .deleteProcess(DeleteProcessRequest.newBuilder()
                            .setContainerId(id.value())
                            .setExecId(exec.value())
                            .build());
        });
    }

    /**
     * Takes away a task of which it is not known how far its start has got. Returns when that is done, or soon when containerd
     * does not answer: then it goes on by itself, and the answer completes with its end.
     */
    CompletableFuture<Void> killAndDelete(ContainerId id) {
        return killUntil(
                () -> {
                    delete(id);
                    shims.end(id);
                },
                id,
                null);
    }

    /** As for a task, for a command. */
    CompletableFuture<Void> killAndDelete(ContainerId id, ExecId exec) {
        return killUntil(() -> delete(id, exec), id, exec);
    }

    private void delete(String what, Runnable call) {
        for (int attempt = 1; ; attempt++) {
            try {
                call.run();
                return;
            } catch (StatusRuntimeException e) {
                if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                    return;
                }
                if (attempt == ATTEMPTS || !mayHaveGone(e)) {
                    throw ContainerdFailures.from(e, what, engine.settings().socket());
                }
            }
        }
    }

    /** When nobody at all answers there, asking again takes as long and helps as little. */
    private static boolean mayHaveGone(StatusRuntimeException e) {
        return (ContainerdFailures.is(e, Status.Code.DEADLINE_EXCEEDED) && !ContainerdFailures.answersNobody(e))
                || ContainerdFailures.text(e.getStatus()).contains("ttrpc: closed");
    }

    /** The caller is not kept waiting for a daemon that keeps everybody waiting. */
    private CompletableFuture<Void> killUntil(Runnable delete, ContainerId id, @Nullable ExecId exec) {
        var gone = CompletableFuture.runAsync(() -> killUntilGone(delete, id, exec), engine.workers());
        var _ = gone.exceptionally(e -> {
            log.warn("what was left in {}, exec {}, stays: {}", id, exec, e.getMessage());
            return null;
        });
        try {
            gone.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("{} exec {} is not gone yet", id, exec, e);
        }
        return gone;
    }

    /** A start that failed may have left a process all the same, when it was only the answer that got lost. */
    private void killUntilGone(Runnable delete, ContainerId id, @Nullable ExecId exec) {
        for (int attempt = 1; ; attempt++) {
            try {
                delete.run();
                return;
            } catch (RuntimeFailure e) {
                if (attempt == KILLS) {
                    throw e;
                }
            }
            kill(id, exec);
            LockSupport.parkNanos(Math.min(PAUSE.toNanos() << (attempt - 1), LONGEST_PAUSE.toNanos()));
        }
    }

    private void kill(ContainerId id, @Nullable ExecId exec) {
        var kill = KillRequest.newBuilder()
                .setContainerId(id.value())
                .setSignal(Signal.KILL.number())
                .setAll(exec == null);
        try {
            var _ = engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .kill((exec == null ? kill : kill.setExecId(exec.value())).build());
        } catch (StatusRuntimeException e) {
            log.debug("{} {} takes no signal: {}", id, exec, e.getStatus());
        }
    }
}
