package dev.hawse.containerd;

import com.google.protobuf.Empty;
import dev.hawse.containerd.api.services.tasks.v1.ResumeTaskRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends running containers. Every method returns when what they left has been taken away. The caller holds the turn. */
final class ContainerEnding {

    private static final Logger log = LoggerFactory.getLogger(ContainerEnding.class);

    /** How long the kernel may take to end what was killed. */
    private static final Duration KILL_TIME = Duration.ofSeconds(30);

    /** How long one who reads losslessly may take for what an ended process has left; see {@link ContainerOperations#attach}. */
    private static final Duration READER_TIME = Duration.ofSeconds(10);

    private static final Duration DRAIN_TIME = Duration.ofSeconds(30);

    /** How long containerd may take to clear away what has ended; while a child holds the output open, that takes it 10 s. */
    private static final Duration SETTLE_TIME = Duration.ofSeconds(30);

    /** Whoever has not cleared away by then is asked whether it is there at all. */
    private static final Duration SETTLE_SOON = Duration.ofSeconds(1);

    private static final Duration PROBE = Duration.ofSeconds(2);

    private final Engine engine;

    ContainerEnding(Engine engine) {
        this.engine = engine;
    }

    /**
     * Sends the stop signal, waits, then kills.
     *
     * @return whether it had to be killed
     */
    boolean stop(ContainerEntry entry, @Nullable Duration grace, @Nullable Signal signal) {
        var process = entry.process();
        if (process == null) {
            settle(entry);
            return false;
        }
        var own = entry.spec.stopSignal();
        var first = signal != null ? signal : own != null ? own : Signal.TERM;
        var patience = grace != null ? grace : entry.spec.stopGrace();
        if (!patience.isZero()) {
            process.signal(first, false);
            // A frozen process takes no signal but on waking up.
            thaw(entry);
            if (within(patience, process.exited())) {
                awaitReaders(entry, process);
                settle(entry);
                return false;
            }
        }
        kill(entry, process);
        return true;
    }

    void kill(ContainerEntry entry, ManagedProcess process) {
        process.signal(Signal.KILL, true);
        thaw(entry);
        if (!within(KILL_TIME, process.exited())) {
            throw RuntimeFailure.of(
                    Reason.RUNTIME_TIMEOUT,
                    "container " + entry.id.shortForm() + " was killed and did not end within " + KILL_TIME.toSeconds()
                            + " s; a process may hang in the kernel",
                    Map.of("container", entry.id.value()));
        }
        awaitReaders(entry, process);
        settle(entry);
    }

    /** Its process has ended; who reads its output may be slow, but keeps nobody else from ending it. */
    private void awaitReaders(ContainerEntry entry, ManagedProcess process) {
        if (within(READER_TIME, process.ended())) {
            return;
        }
        entry.letReadersMiss(process);
        if (!within(DRAIN_TIME, process.ended())) {
            throw RuntimeFailure.of(
                    Reason.RUNTIME_TIMEOUT,
                    "container " + entry.id.shortForm()
                            + " has ended, and its output could not be read to the end within " + DRAIN_TIME.toSeconds()
                            + " s; try again",
                    Map.of("container", entry.id.value()));
        }
    }

    /** Waits until what an ended run left behind has been taken away. Not to be called for one that runs. */
    void settle(ContainerEntry entry) {
        if (within(SETTLE_SOON, entry.settled())) {
            return;
        }
        requireAnswer("clear the last run of container " + entry.id.shortForm() + " away");
        if (!within(SETTLE_TIME, entry.settled())) {
            throw RuntimeFailure.of(
                    Reason.RUNTIME_TIMEOUT,
                    "the last run of container " + entry.id.shortForm() + " is still being cleared away; try again",
                    Map.of("container", entry.id.value()));
        }
    }

    private void requireAnswer(String what) {
        try {
            var _ = engine.client().version(PROBE).version(Empty.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw ContainerdFailures.from(e, what, engine.settings().socket());
        }
    }

    /**
     * Wakes a paused container up so that it takes its signals. That fails where the signal has done so itself: runc
     * thaws control groups of version 1 after a kill of all, and with version 2 the frozen die.
     */
    void thaw(ContainerEntry entry) {
        if (entry.state() != ContainerState.PAUSED) {
            return;
        }
        try {
            engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .resume(ResumeTaskRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .build());
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.UNAVAILABLE)
                    || ContainerdFailures.is(e, Status.Code.DEADLINE_EXCEEDED)) {
                throw ContainerdFailures.from(
                        e,
                        "wake container " + entry.id.shortForm() + " up",
                        engine.settings().socket());
            }
            log.debug("{} needed no waking up: {}", entry.id, e.getStatus());
        }
        entry.stateChanged(ContainerState.RUNNING);
    }

    private static boolean within(Duration time, CompletableFuture<?> future) {
        try {
            future.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw RuntimeFailure.internal("waiting for a container failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RuntimeFailure.of(Reason.CONFLICT, "the call was cancelled");
        }
    }
}
