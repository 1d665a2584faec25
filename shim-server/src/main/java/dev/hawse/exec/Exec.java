package dev.hawse.exec;

import dev.hawse.exec.Life.Steps;
import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecAdoption;
import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.state.ExecRecord;
import dev.hawse.stream.Spool;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One command from the moment in which it was asked for until its record goes: its output for those who are attached, its
 * input for one of them, and its end. Safe for use by any number of threads; nothing here blocks.
 */
public final class Exec {

    private static final Logger log = LoggerFactory.getLogger(Exec.class);
    private static final Duration REMEMBER = Duration.ofSeconds(1);

    private final ExecId id;
    private final Command command;
    private final Instant createdAt;
    private final Spool spool;
    private final Surroundings around;
    private final Endings endings;
    private final OutputWriter out;
    private final Life life = new Life(new Story());
    private final Callers callers;
    private volatile CompletableFuture<Exec> settled = new CompletableFuture<>();
    private volatile @Nullable ExecOperations engine;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile Duration ranBefore = Duration.ZERO;
    private volatile boolean recovered;
    private volatile boolean forgotten;
    private volatile boolean inDoubt;

    Exec(ExecId id, Command command, Instant createdAt, Spool spool, Surroundings around) {
        this.id = id;
        this.command = command;
        this.createdAt = createdAt;
        this.spool = spool;
        this.around = around;
        this.endings = new Endings(this, around);
        this.callers = new Callers(this, life, endings);
        this.out = new ExecOutput(spool, life::finished);
    }

    public ExecId id() {
        return id;
    }

    public ContainerId container() {
        return command.container();
    }

    Command command() {
        return command;
    }

    Instant createdAt() {
        return createdAt;
    }

    Spool spool() {
        return spool;
    }

    OutputWriter out() {
        return out;
    }

    Life life() {
        return life;
    }

    Endings endings() {
        return endings;
    }

    /**
     * Completes when the command runs, or has ended without; fails with the {@link RuntimeFailure} for which it could not be
     * asked of its engine, or for which it is not known yet what came of it: then this is another one for whoever asks next.
     * On a thread that must not be blocked.
     */
    public CompletableFuture<Exec> settled() {
        return settled;
    }

    /** Has the engine start it. */
    void start(ExecOperations by) {
        engine = by;
        if (callers.wantItNoMore()) {
            refuse(Life.notWanted());
            return;
        }
        CompletableFuture<ExecStart> answer;
        try {
            answer = by.start(command.container(), id, command.spec(), command.drain(), out);
        } catch (RuntimeException e) {
            refuse(e);
            return;
        }
        life.begin(answer);
    }

    /** What follows from each step of its life. */
    private final class Story implements Steps {

        @Override
        public void running(long pid, ExecControl control, Instant at) {
            settled.complete(Exec.this);
            around.journal().started(Exec.this, pid, at);
            endings.begin(control, ranBefore);
        }

        @Override
        public ProcessExit completed(ProcessExit told) {
            return told.with(endings.timedOut(), recovered && !spool.wasFinished());
        }

        @Override
        public void exited(ProcessExit exit, @Nullable ExecControl control) {
            endings.over();
            spool.finish(exit);
            settled.complete(Exec.this);
            FailPoint.at("exec.ended");
            remember(exit, control);
            around.keeper().ended(Exec.this);
        }

        @Override
        public void refused(RuntimeFailure failure) {
            refuse(failure);
        }

        @Override
        public void unsure(RuntimeFailure failure) {
            var starter = Objects.requireNonNull(engine);
            inDoubt = true;
            if (failure.reason() == Reason.RUNTIME_TIMEOUT) {
                // Whoever asked has waited long enough.
                unsettle(failure);
            }
            var _ = around.search().begin(Exec.this, starter, new Doubt(failure));
        }
    }

    /** What became of a start that failed when it may have done its work. It is never begun a second time. */
    private final class Doubt implements Search.Finder {

        private final RuntimeFailure failure;

        Doubt(RuntimeFailure failure) {
            this.failure = failure;
        }

        @Override
        public void found(ExecAdoption what) {
            switch (what) {
                case ExecAdoption.Started(var pid, var control, var _) -> life.started(pid, control, Instant.now());
                case ExecAdoption.NeverRan _ -> refuse(failure);
                case ExecAdoption.Gone _ -> {
                    if (command.durable()) {
                        life.end(lost("it is not known whether it ran: " + failure.getMessage()));
                    } else {
                        refuse(failure);
                    }
                }
            }
        }

        @Override
        public void silent(RuntimeFailure why) {
            unsettle(failure);
        }
    }

    /** Until its end is on disk only the engine could tell the next server how it ended: it is not asked to forget before. */
    private void remember(ProcessExit exit, @Nullable ExecControl control) {
        var _ = around.journal().ended(this, exit).whenComplete((_, failure) -> {
            if (failure != null && !forgotten) {
                var _ = around.timer()
                        .schedule(() -> remember(exit, control), REMEMBER.toNanos(), TimeUnit.NANOSECONDS);
            } else if (control != null) {
                control.release();
            }
            over.complete(null);
        });
    }

    /** Its record is no longer kept. */
    void forgotten() {
        forgotten = true;
    }

    /** Tells whoever waits that it is not known how the command stands. */
    void unsettle(RuntimeFailure why) {
        var waiting = settled;
        settled = new CompletableFuture<>();
        waiting.completeExceptionally(RuntimeFailure.of(
                why.reason(),
                "it is not known yet whether command " + id + " runs"
                        + (command.request() == null ? "" : " (the same request will tell)") + ": " + why.getMessage(),
                Map.of("exec", id.value()),
                why));
    }

    /** It came to nothing: whoever asked is told why, and may ask again with the same request id. */
    private void refuse(RuntimeException failure) {
        life.vanish();
        around.keeper().vanished(this);
        over.complete(null);
        settled.completeExceptionally(failure);
    }

    /** It was there before this server, and nobody is attached to it. */
    void wasHere() {
        recovered = true;
        callers.wereHere();
    }

    /** It was there before this server, and goes on. */
    void resume(ExecRecord record, long pid, ExecControl control) {
        ranBefore = around.journal().ran(record);
        life.started(pid, control, Objects.requireNonNullElseGet(record.startedAt(), Instant::now));
        var left = around.journal().left(record);
        if (left != null && callers.count() == 0) {
            endings.leaveAlone(left);
        }
    }

    /** It ended before this server was there. */
    void wasEnded(@Nullable Instant startedAt, ProcessExit exit) {
        life.wasEnded(startedAt, exit);
        over.complete(null);
        settled.complete(this);
    }

    /** What it holds of memory after its end, about. */
    long weight() {
        var head = spool.head();
        var oldest = spool.oldest();
        var args = command.spec().args().stream().mapToLong(String::length).sum();
        return args + head.stdout() - oldest.stdout() + head.stderr() - oldest.stderr();
    }

    ProcessExit lost(String why) {
        return ProcessExit.lost(why, spool.head());
    }

    /**
     * Attaches a caller. Nothing is delivered to it before its first {@link Attachment#resumeOutput}.
     *
     * @throws RuntimeFailure when there are too many, another one gives input, or bytes are not kept that were asked for
     */
    public Attachment join(Joining how, Viewer viewer) {
        return callers.join(how, viewer);
    }

    Callers callers() {
        return callers;
    }

    /** Completes when it has ended, and that is on disk where it is to be, or it never ran. */
    CompletableFuture<Void> over() {
        return over.copy();
    }

    /** The server ends: a command that is not to go on without callers ends with it. Answers whether this is one. */
    boolean serverEnds() {
        var notTakenOver = (recovered || inDoubt) && life.hold() == null;
        if (notTakenOver || command.onDisconnect() instanceof DisconnectPolicy.Detach) {
            return false;
        }
        life.giveUp();
        endings.serverEnds();
        return true;
    }

    void signalSoon(Signal signal, SignalScope scope) {
        life.toProcess(control -> {
            var _ = control.signal(signal, scope).exceptionally(e -> {
                log.warn("{} did not reach {}: {}", signal, this, e.getMessage());
                return null;
            });
        });
    }

    /**
     * Sends a signal, as soon as it is known whether the command runs where that was in doubt; nothing when it has ended.
     * Fails when it does not run yet, or the engine does.
     */
    public CompletableFuture<Void> signal(Signal signal, SignalScope scope) {
        if (life.state() == ExecState.STARTING) {
            if (recovered || inDoubt) {
                return settled.thenCompose(_ -> signal(signal, scope));
            }
            throw RuntimeFailure.of(
                    Reason.EXEC_STATE,
                    "command " + id + " does not run yet; signals reach a running one",
                    Map.of("exec", id.value(), "state", ExecState.STARTING.name()));
        }
        var control = life.hold();
        return control == null ? CompletableFuture.completedFuture(null) : control.signal(signal, scope);
    }

    /** Whether it runs, or did. */
    public boolean hasRun() {
        return life.standing().startedAt() != null;
    }

    /** The process id as the host sees it, also after the end; 0 when it never ran. */
    public long pid() {
        return life.pid();
    }

    public ExecInfo info() {
        var now = life.standing();
        var io = command.spec().io();
        return new ExecInfo(
                id,
                command.container(),
                command.runtime(),
                command.spec().args(),
                now.state(),
                now.pid(),
                io.terminal(),
                io.stdin() && now.state() != ExecState.EXITED && callers.inputOpen(),
                callers.hasWriter(),
                callers.count(),
                createdAt,
                now.startedAt(),
                spool.oldest(),
                spool.head(),
                command.output(),
                command.onDisconnect(),
                now.state() == ExecState.RUNNING ? endings.timesOutAt() : null,
                now.exit(),
                command.request() == null ? "" : command.request().id());
    }

    @Override
    public String toString() {
        return "command " + id + " in " + command.container().shortForm();
    }
}
