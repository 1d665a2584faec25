package dev.hawse.exec;

import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a command is ended that does not end by itself: its time is over, its callers have left. Time is counted on the
 * clock that only goes forward. Safe for use by any number of threads; nothing here blocks.
 */
final class Endings {

    private static final Logger log = LoggerFactory.getLogger(Endings.class);
    private static final Signal HUP = new Signal(1);

    private final Exec exec;
    private final Surroundings around;
    private @Nullable Future<?> timeout;
    private @Nullable Future<?> ttl;
    private @Nullable ExecControl control;
    private @Nullable Instant timesOutAt;
    private boolean timedOut;
    private boolean ending;
    private boolean over;
    private boolean serverEnds;
    private boolean killed;
    private CompletableFuture<Void> sent = CompletableFuture.completedFuture(null);

    Endings(Exec exec, Surroundings around) {
        this.exec = exec;
        this.around = around;
    }

    /**
     * The command runs: its time begins, and that of being left alone if nobody is there.
     *
     * @param elapsed how long it has run already
     */
    void begin(ExecControl hold, Duration elapsed) {
        boolean doomed;
        synchronized (this) {
            if (over) {
                return;
            }
            control = hold;
            var time = exec.command().timeout();
            if (time != null) {
                var left = time.minus(elapsed);
                timesOutAt = Instant.now().plus(left);
                timeout = after(left, this::timeOut);
            }
            doomed = serverEnds;
        }
        if (doomed) {
            kill();
        } else if (exec.callers().count() == 0) {
            deserted();
        }
    }

    /** When its time is over; null for never. */
    synchronized @Nullable Instant timesOutAt() {
        return timesOutAt;
    }

    synchronized boolean timedOut() {
        return timedOut;
    }

    /** The last caller has left, or there never was one. */
    void deserted() {
        switch (exec.command().onDisconnect()) {
            case DisconnectPolicy.Kill _ -> {
                if (exec.callers().haveLeft()) {
                    kill();
                }
            }
            case DisconnectPolicy.Hangup _ -> {
                if (exec.callers().haveLeft()) {
                    gently(HUP);
                }
            }
            case DisconnectPolicy.Detach(var time) -> {
                if (time != null) {
                    leaveAlone(time);
                }
            }
        }
    }

    /** As long as this; also from the middle of it, when a server before this one began to count. */
    void leaveAlone(Duration time) {
        synchronized (this) {
            if (over || control == null) {
                return;
            }
            cancel(ttl);
            ttl = after(time, this::lonely);
        }
        around.journal().deadline(exec, time);
    }

    private void lonely() {
        if (exec.callers().count() == 0) {
            log.info("{} is killed: nobody has come back to it in its time", exec);
            kill();
        }
    }

    /** A caller is there. */
    void visited() {
        synchronized (this) {
            if (ttl == null) {
                return;
            }
            cancel(ttl);
            ttl = null;
        }
        around.journal().deadline(exec, null);
    }

    /** It has ended. What descends from it and was told to end has its grace all the same. */
    synchronized void over() {
        over = true;
        cancel(timeout);
        cancel(ttl);
    }

    private void timeOut() {
        synchronized (this) {
            if (over || control == null) {
                return;
            }
            timedOut = !control.hasExited();
        }
        gently(Signal.TERM);
    }

    private void gently(Signal first) {
        synchronized (this) {
            // One that does not run yet is ended when it does.
            if (ending || control == null) {
                return;
            }
            ending = true;
        }
        send(first);
        var _ = after(exec.command().killAfter(), this::kill);
    }

    /** The server ends, and this command is not to go on without it; one that was told to end has its grace first. */
    void serverEnds() {
        boolean hangsUp = exec.command().onDisconnect() instanceof DisconnectPolicy.Hangup;
        synchronized (this) {
            serverEnds = true;
            if (over || control == null) {
                return;
            }
        }
        if (hangsUp) {
            gently(HUP);
        } else {
            var _ = killUnlessDone();
        }
    }

    /** Kills it, unless that was done; says whether it was not. */
    boolean killUnlessDone() {
        synchronized (this) {
            if (killed || control == null) {
                return false;
            }
        }
        kill();
        return true;
    }

    /** Completes when every signal sent so far has reached all that it was for, or cannot. */
    synchronized CompletableFuture<Void> sent() {
        return sent.copy();
    }

    private void kill() {
        synchronized (this) {
            if (control == null) {
                return;
            }
            killed = true;
        }
        send(Signal.KILL);
        if (exec.callers().count() == 0) {
            exec.spool().readLossless(new ReadFrom.Now(), Nobody.INSTANCE).resume();
        }
    }

    private void send(Signal signal) {
        ExecControl hold;
        synchronized (this) {
            hold = control;
        }
        if (hold != null) {
            var reached = hold.signal(signal, SignalScope.TREE).exceptionally(e -> {
                log.warn("{} did not reach {}: {}", signal, exec, e.getMessage());
                return null;
            });
            synchronized (this) {
                sent = CompletableFuture.allOf(sent, reached);
            }
        }
    }

    private Future<?> after(Duration time, Runnable deed) {
        return around.timer().schedule(deed, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
