package dev.hawse.exec;

import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of a command, and the only place where they change: STARTING, then RUNNING, then EXITED, or EXITED at once. Each
 * step is taken under the monitor and told after it, to {@link Steps}. Nothing here blocks.
 */
final class Life {

    private static final Logger log = LoggerFactory.getLogger(Life.class);

    private final Steps steps;

    /** What callers did before the command ran, in their order. */
    private final Queue<Consumer<ExecControl>> early = new ArrayDeque<>();

    private ExecState state = ExecState.STARTING;
    private @Nullable CompletableFuture<ExecStart> starting;
    private @Nullable ExecControl control;
    private @Nullable ProcessExit earlyExit;
    private @Nullable ProcessExit exit;
    private @Nullable Instant startedAt;
    private long pid;

    /** Who is told of each step, once. */
    interface Steps {

        /** It runs; what callers did before has been done. */
        void running(long pid, ExecControl control, Instant at);

        /** The end as it is to be told: with what the engine cannot know. */
        ProcessExit completed(ProcessExit told);

        /** It has ended, or never ran. */
        void exited(ProcessExit exit, @Nullable ExecControl control);

        /** It was not started, for sure. */
        void refused(RuntimeFailure failure);

        /** It may have been started. */
        void unsure(RuntimeFailure failure);
    }

    /** How it stands at one moment. */
    record Standing(
            ExecState state,
            long pid,
            @Nullable Instant startedAt,
            @Nullable ProcessExit exit) {}

    Life(Steps steps) {
        this.steps = steps;
    }

    synchronized Standing standing() {
        return new Standing(state, state == ExecState.RUNNING ? pid : 0, startedAt, exit);
    }

    synchronized long pid() {
        return pid;
    }

    synchronized ExecState state() {
        return state;
    }

    /** Waits for what the engine makes of it. */
    void begin(CompletableFuture<ExecStart> answer) {
        synchronized (this) {
            starting = answer;
        }
        var _ = answer.whenComplete((start, failure) -> {
            if (failure != null) {
                failed(failure);
            } else {
                switch (start) {
                    case ExecStart.Running(var at, var hold) -> started(at, hold, Instant.now());
                    case ExecStart.NotStarted(var how) -> end(how);
                    case ExecStart.Unknown(var why) -> steps.unsure(why);
                }
            }
        });
    }

    /** Gives the place in the queue up, if it is still waiting there. */
    void giveUp() {
        CompletableFuture<ExecStart> waiting;
        synchronized (this) {
            waiting = starting;
        }
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    void started(long at, ExecControl hold, Instant when) {
        ProcessExit over;
        synchronized (this) {
            control = hold;
            pid = at;
            startedAt = when;
            starting = null;
            over = earlyExit;
        }
        for (var deed = nextDeed(); deed != null; deed = nextDeed()) {
            doQuietly(deed, hold);
        }
        steps.running(at, hold, when);
        if (over != null) {
            end(over);
        }
    }

    /** The state changes only when nothing is left to be done first: what callers do now comes behind it. */
    private synchronized @Nullable Consumer<ExecControl> nextDeed() {
        var next = early.poll();
        if (next == null && state == ExecState.STARTING) {
            state = ExecState.RUNNING;
        }
        return next;
    }

    private static void doQuietly(Consumer<ExecControl> deed, ExecControl hold) {
        try {
            deed.accept(hold);
        } catch (RuntimeFailure e) {
            log.debug("what was done before the start came to nothing: {}", e.getMessage());
        }
    }

    private void failed(Throwable thrown) {
        var failure = switch (RuntimeFailures.cause(thrown)) {
            case RuntimeFailure e -> e;
            case CancellationException _ -> notWanted();
            case Throwable e -> RuntimeFailure.internal("a command could not be started", e);
        };
        steps.refused(failure);
    }

    static RuntimeFailure notWanted() {
        return RuntimeFailure.of(Reason.CONFLICT, "the command was not started: its caller left before its turn");
    }

    /** It was over before this server was there: nobody is told. */
    synchronized void wasEnded(@Nullable Instant began, ProcessExit how) {
        state = ExecState.EXITED;
        startedAt = began;
        exit = how;
    }

    /** It is over without having been. */
    void vanish() {
        Queue<Consumer<ExecControl>> undone;
        synchronized (this) {
            state = ExecState.EXITED;
            undone = new ArrayDeque<>(early);
            early.clear();
        }
        undone.forEach(deed -> doQuietly(deed, NoControl.INSTANCE));
    }

    /** The engine tells the end. It may be quicker than its answer to the start. */
    void finished(ProcessExit told) {
        synchronized (this) {
            if (control == null) {
                earlyExit = told;
                return;
            }
        }
        end(told);
    }

    /** It has ended, or never ran. Only the first end counts. */
    void end(ProcessExit told) {
        ProcessExit end;
        ExecControl hold;
        Queue<Consumer<ExecControl>> undone;
        synchronized (this) {
            if (state == ExecState.EXITED) {
                return;
            }
            state = ExecState.EXITED;
            end = steps.completed(told);
            exit = end;
            starting = null;
            hold = control;
            undone = new ArrayDeque<>(early);
            early.clear();
        }
        undone.forEach(deed -> doQuietly(deed, NoControl.INSTANCE));
        steps.exited(end, hold);
    }

    /** Does something to the process now, or when it runs. Throws what {@link ExecControl} throws in the first case alone. */
    void toProcess(Consumer<ExecControl> deed) {
        ExecControl hold;
        synchronized (this) {
            if (state == ExecState.STARTING) {
                early.add(deed);
                return;
            }
            hold = state == ExecState.RUNNING ? control : null;
        }
        deed.accept(hold == null ? NoControl.INSTANCE : hold);
    }

    /** The engine's hold on it as long as it runs; null after. */
    synchronized @Nullable ExecControl hold() {
        return state == ExecState.EXITED ? null : control;
    }
}
