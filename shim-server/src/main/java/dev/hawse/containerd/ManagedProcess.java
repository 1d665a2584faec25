package dev.hawse.containerd;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import dev.hawse.containerd.api.services.tasks.v1.WaitResponse;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that containerd runs for us, a container's main one or a command: its bytes, its signals and its end.
 *
 * <p>The end is told in one order only: the runtime says that it has ended, its output is read to the end, then
 * {@link #ended()} and readers learn of it. What belongs to it in containerd is deleted by its owner afterwards: deleting first would
 * cut output off.
 */
final class ManagedProcess {

    private static final Logger log = LoggerFactory.getLogger(ManagedProcess.class);
    private static final Duration RETRY = Duration.ofMillis(250);

    /** What the process itself has written is still on its way through the shim when its end is told. */
    private static final Duration LEAST_DRAIN = Duration.ofMillis(50);

    private final Engine engine;
    private final TaskCalls calls;
    private final OutputWriter out;
    private final Stdio stdio;
    private final DrainPolicy drain;
    private final BooleanSupplier oomKiller;
    private final CompletableFuture<ProcessExit> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> running = new CompletableFuture<>();
    private final AtomicReference<@Nullable TerminalSize> wantedSize = new AtomicReference<>();
    private final ReentrantLock resizing = new ReentrantLock();
    private final CompletableFuture<Void> exited = new CompletableFuture<>();
    private volatile @Nullable Signal delivered;
    private volatile boolean oom;
    private Duration queued = Duration.ZERO;
    private Duration starting = Duration.ZERO;
    private volatile long startedNanos = System.nanoTime();

    /**
     * A process that is about to be created, or that was there before this server.
     *
     * @param exec null for the container's main process
     * @param drain what to do when its output goes on after its end
     * @param oomKiller asked after an end that may have been its doing
     */
    ManagedProcess(
            Engine engine,
            ContainerId container,
            @Nullable ExecId exec,
            OutputWriter out,
            Stdio stdio,
            DrainPolicy drain,
            BooleanSupplier oomKiller) {
        this.engine = engine;
        this.calls = new TaskCalls(engine, container, exec);
        this.out = out;
        this.stdio = stdio;
        this.drain = drain;
        this.oomKiller = oomKiller;
    }

    /**
     * Asks containerd to tell the end. To be called before the start where that may be, so that no end is missed should the
     * container end at once. What it tells counts only after {@link #started}: of a process that failed to start it says
     * that it exited with 0 (containerd 1.6).
     */
    void watch() {
        Futures.addCallback(
                calls.awaitEnd(),
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(WaitResponse response) {
                        FailPoint.at("wait.answered");
                        var _ = running.thenRun(() -> exited(outcome(response), exitedAt(response)));
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        var _ = running.thenRun(() -> waitFailed(failure));
                    }
                },
                Runnable::run);
    }

    /** The start has returned: how long it took, and that the shim holds its ends of the FIFOs. */
    void started(Duration queued, Duration starting) {
        this.queued = queued;
        this.starting = starting;
        this.startedNanos = System.nanoTime();
        stdio.taken();
        running.complete(null);
    }

    Stdio stdio() {
        return stdio;
    }

    /** Completes with the end, after the last byte was read. */
    CompletableFuture<ProcessExit> ended() {
        return ended.copy();
    }

    /** Completes when the process itself has ended, whoever still reads what it wrote. */
    CompletableFuture<Void> exited() {
        return exited.copy();
    }

    boolean hasEnded() {
        return ended.isDone();
    }

    /** Whether the process itself has ended; its output may not have. */
    boolean hasExited() {
        return exited.isDone();
    }

    /** A signal is sent by another way: the end that it causes is its doing. */
    void delivers(Signal signal) {
        delivered = signal;
    }

    /** The kernel killed something in the container for want of memory. */
    void oomKilled() {
        oom = true;
    }

    /** Sends a signal; nothing when the process has ended. */
    void signal(Signal signal, boolean all) {
        if (hasEnded()) {
            return;
        }
        delivered = signal;
        calls.kill(signal, all);
    }

    /** Sends a signal some time soon, from a thread that must not wait; of a container's main process, to all of it by scope. */
    void signalSoon(Signal signal, SignalScope scope) {
        engine.workers().execute(() -> {
            try {
                signal(signal, scope == SignalScope.TREE);
            } catch (RuntimeException e) {
                log.warn("{} did not reach {}: {}", signal, this, e.getMessage());
            }
        });
    }

    /** Changes the terminal's size before it returns. */
    void resize(TerminalSize size) {
        wantedSize.set(size);
        resizeNow();
    }

    /** Changes the terminal's size some time soon; of several sizes only the newest is sure to be seen. */
    void resizeSoon(TerminalSize size) {
        if (wantedSize.getAndSet(size) == null) {
            engine.workers().execute(this::resizeNow);
        }
    }

    /** One at a time: of two calls to containerd under way, the older size might arrive last. */
    private void resizeNow() {
        resizing.lock();
        try {
            var size = wantedSize.getAndSet(null);
            if (size != null && !hasEnded()) {
                calls.resize(size);
            }
        } finally {
            resizing.unlock();
        }
    }

    private void waitFailed(Throwable failure) {
        var status = Status.fromThrowable(failure);
        if (status.getCode() == Status.Code.NOT_FOUND) {
            var reason = "the runtime no longer knows the process: " + ContainerdFailures.text(status);
            exited(new ExitOutcome.Lost(reason), null);
            return;
        }
        // The shim keeps the status while containerd is away, so asking again loses nothing.
        log.debug("waiting for {} was cut: {}", this, status);
        var _ = engine.timer().schedule(this::watch, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The runtime's list says that it has ended, or does not name it any more: asks again, should an answer have been lost. */
    void recheck() {
        if (running.isDone() && !exited.isDone()) {
            watch();
        }
    }

    /** The process has ended; its output may not have. Only the first answer counts. */
    private void exited(ExitOutcome outcome, @Nullable Instant at) {
        if (!exited.complete(null)) {
            return;
        }
        var exitNanos = System.nanoTime();
        stdio.processEnded();
        if (!oom && outcome instanceof ExitOutcome.Code(int code) && code == 137) {
            // Asks containerd, and this thread must not wait for it.
            engine.workers().execute(() -> {
                oom = oomKiller.getAsBoolean();
                drain(outcome, at, exitNanos);
            });
        } else {
            drain(outcome, at, exitNanos);
        }
    }

    private void drain(ExitOutcome outcome, @Nullable Instant at, long exitNanos) {
        var drained = stdio.drained();
        if (drained.isDone()) {
            tell(outcome, at, exitNanos, DrainState.COMPLETE);
            return;
        }
        var told = new AtomicBoolean();
        var _ = drained.thenRun(() -> {
            if (told.compareAndSet(false, true)) {
                tell(outcome, at, exitNanos, DrainState.COMPLETE);
            }
        });
        if (drain instanceof DrainPolicy.Wait) {
            return;
        }
        giveUpDraining(exitNanos, () -> {
            if (told.compareAndSet(false, true)) {
                stdio.abandonOutput();
                tell(outcome, at, exitNanos, DrainState.HELD);
            }
        });
    }

    /**
     * Calls back when output was read as fast as it came for the whole drain time and still has no end: what the process
     * itself wrote has been read by then, so another process holds the stream open. Time during which a reader held the
     * writing back does not count: its bytes are still to come.
     */
    private void giveUpDraining(long since, Runnable giveUp) {
        var timeout = drainNanos();
        var last = out.lastHeldBack();
        var begin = last - since > 0 ? last : since;
        var left = begin + timeout - System.nanoTime();
        if (left <= 0) {
            giveUp.run();
        } else if (!stdio.drained().isDone()) {
            var _ = engine.timer().schedule(() -> giveUpDraining(since, giveUp), left, TimeUnit.NANOSECONDS);
        }
    }

    private long drainNanos() {
        return drain instanceof DrainPolicy.AtMost(var time) && time != null
                ? Math.max(LEAST_DRAIN.toNanos(), time.toNanos())
                : engine.settings().drainTimeout().toNanos();
    }

    private void tell(ExitOutcome outcome, @Nullable Instant at, long exitNanos, DrainState drain) {
        var now = System.nanoTime();
        var times = new PhaseTimes(
                queued,
                starting,
                Duration.ofNanos(Math.max(0, exitNanos - startedNanos)),
                Duration.ofNanos(now - exitNanos));
        var head = out.head();
        var exit = new ProcessExit(outcome, head.stdout(), head.stderr(), drain, oom, at, times);
        ended.complete(exit);
        out.finish(exit);
    }

    private ExitOutcome outcome(WaitResponse response) {
        var status = response.getExitStatus();
        if (exitedAt(response) == null && status == 255) {
            return new ExitOutcome.Lost("the shim died before it could tell how the process ended");
        }
        var signal = delivered;
        // The runtime says 128+n for both; it was the signal when that is the one we sent.
        return signal != null && status == 128 + signal.number()
                ? new ExitOutcome.Signaled(signal)
                : new ExitOutcome.Code(status & 0xff);
    }

    private static @Nullable Instant exitedAt(WaitResponse response) {
        return ContainerdClient.isSet(response.getExitedAt()) ? ContainerdClient.instant(response.getExitedAt()) : null;
    }

    @Override
    public String toString() {
        return calls.toString();
    }
}
