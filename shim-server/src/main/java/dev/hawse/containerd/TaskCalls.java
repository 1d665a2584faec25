package dev.hawse.containerd;

import com.google.common.util.concurrent.ListenableFuture;
import dev.hawse.containerd.api.services.tasks.v1.CloseIORequest;
import dev.hawse.containerd.api.services.tasks.v1.KillRequest;
import dev.hawse.containerd.api.services.tasks.v1.ResizePtyRequest;
import dev.hawse.containerd.api.services.tasks.v1.WaitRequest;
import dev.hawse.containerd.api.services.tasks.v1.WaitResponse;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.TerminalSize;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What containerd is asked about one process that runs already. For any number of threads.
 *
 * @param exec null for the container's main process
 */
record TaskCalls(
        Engine engine, ContainerId container, @Nullable ExecId exec) {

    private static final Logger log = LoggerFactory.getLogger(TaskCalls.class);
    private static final Duration RETRY = Duration.ofMillis(250);

    /** Sends a signal; nothing when the process has ended. */
    void kill(Signal signal, boolean all) {
        var request = KillRequest.newBuilder()
                .setContainerId(container.value())
                .setSignal(signal.number())
                .setAll(all);
        if (exec != null) {
            request.setExecId(exec.value());
        }
        try {
            var _ = engine.client().tasks(ContainerdClient.QUICK).kill(request.build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.NOT_FOUND)
                    && !ContainerdFailures.text(e.getStatus()).contains("already finished")) {
                throw ContainerdFailures.from(
                        e, "send " + signal + " to " + this, engine.settings().socket());
            }
        }
    }

    /** Changes the terminal's size, if the process is there. */
    void resize(TerminalSize size) {
        var request = ResizePtyRequest.newBuilder()
                .setContainerId(container.value())
                .setWidth(size.columns())
                .setHeight(size.rows());
        if (exec != null) {
            request.setExecId(exec.value());
        }
        try {
            var _ = engine.client().tasks(ContainerdClient.QUICK).resizePty(request.build());
        } catch (StatusRuntimeException e) {
            log.debug("{} was not resized: {}", this, e.getStatus());
        }
    }

    /** Has the shim close its end of the input, some time soon, as often as it takes. */
    void closeIoSoon() {
        engine.workers().execute(this::closeIo);
    }

    private void closeIo() {
        var request =
                CloseIORequest.newBuilder().setContainerId(container.value()).setStdin(true);
        if (exec != null) {
            request.setExecId(exec.value());
        }
        try {
            var _ = engine.client().tasks(ContainerdClient.QUICK).closeIO(request.build());
        } catch (StatusRuntimeException e) {
            log.debug("closing the input of {}: {}", this, e.getStatus());
            if (ContainerdFailures.is(e, Status.Code.UNAVAILABLE)
                    || ContainerdFailures.is(e, Status.Code.DEADLINE_EXCEEDED)) {
                // The process would wait for its end for ever.
                var _ = engine.timer().schedule(this::closeIoSoon, RETRY.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Completes with the end, however long that takes; answers on the thread that reads from containerd. */
    ListenableFuture<WaitResponse> awaitEnd() {
        var request = WaitRequest.newBuilder().setContainerId(container.value());
        if (exec != null) {
            request.setExecId(exec.value());
        }
        // Outside of the call that happens to start the process: that call's end would cancel this.
        var caller = Context.ROOT.attach();
        try {
            return engine.client().tasksAsync().wait(request.build());
        } finally {
            Context.ROOT.detach(caller);
        }
    }

    @Override
    public String toString() {
        return exec == null ? "container " + container.shortForm() : "exec " + exec + " in " + container.shortForm();
    }
}
