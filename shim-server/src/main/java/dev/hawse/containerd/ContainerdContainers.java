package dev.hawse.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hawse.containerd.api.runc.v1.ProcessDetails;
import dev.hawse.containerd.api.services.tasks.v1.ListPidsRequest;
import dev.hawse.containerd.api.services.tasks.v1.PauseTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.ResumeTaskRequest;
import dev.hawse.containerd.api.types.task.ProcessInfo;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerProcess;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerSpecRules;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.runtime.WaitCondition;
import dev.hawse.stream.LogStore;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@link ContainerOperations} on containerd. */
final class ContainerdContainers implements ContainerOperations {

    /** How long the kernel may take to end what was killed. */
    private static final Duration KILL_TIME = Duration.ofSeconds(30);

    private final Engine engine;
    private final ContainerIndex index;
    private final ContainerRecords records;
    private final ContainerCreation creation;
    private final MainProcesses processes;
    private final LogStore logs;

    ContainerdContainers(
            Engine engine,
            ContainerIndex index,
            ContainerRecords records,
            ContainerCreation creation,
            MainProcesses processes,
            LogStore logs) {
        this.engine = engine;
        this.index = index;
        this.records = records;
        this.creation = creation;
        this.processes = processes;
        this.logs = logs;
    }

    @Override
    public Created create(ContainerSpec spec) {
        return asking("create a container", () -> toItsEnd(() -> creation.create(spec)));
    }

    @Override
    public Container start(ContainerId id) {
        return inTurn(id, "start", entry -> {
            if (entry.state() == ContainerState.PAUSED) {
                throw RuntimeFailure.containerState(id, ContainerState.PAUSED, "resume it instead");
            }
            if (!entry.running()) {
                awaitSettled(entry);
                processes.start(entry);
            }
            return entry.snapshot();
        });
    }

    @Override
    public Stopped stop(ContainerId id, @Nullable Duration grace, @Nullable Signal signal) {
        ContainerSpecRules.checkGrace(grace);
        return inTurn(id, "stop", entry -> {
            var killed = stopNow(entry, grace, signal);
            return new Stopped(entry.snapshot(), killed);
        });
    }

    private boolean stopNow(ContainerEntry entry, @Nullable Duration grace, @Nullable Signal signal) {
        var process = entry.process();
        if (process == null) {
            return false;
        }
        var first = signal != null ? signal : entry.spec.stopSignal() != null ? entry.spec.stopSignal() : Signal.TERM;
        var patience = grace != null ? grace : entry.spec.stopGrace();
        if (!patience.isZero()) {
            process.signal(first, false);
            // A frozen process takes no signal but on waking up.
            thaw(entry);
            if (within(patience, process.ended())) {
                awaitSettled(entry);
                return false;
            }
        }
        killAll(entry, process);
        return true;
    }

    private void killAll(ContainerEntry entry, ManagedProcess process) {
        process.signal(Signal.KILL, true);
        thaw(entry);
        if (!within(KILL_TIME, process.ended())) {
            throw RuntimeFailure.of(
                    Reason.RUNTIME_TIMEOUT,
                    "container " + entry.id.shortForm() + " was killed and did not end within " + KILL_TIME.toSeconds()
                            + " s; a process may hang in the kernel",
                    Map.of("container", entry.id.value()));
        }
        awaitSettled(entry);
    }

    @Override
    public void kill(ContainerId id, Signal signal, boolean all) {
        var entry = index.get(id);
        var process = entry.process();
        if (process == null) {
            throw RuntimeFailure.containerState(id, entry.state(), "only a running container can be signalled");
        }
        process.signal(signal, all);
        if (signal.equals(Signal.KILL)) {
            thaw(entry);
        }
    }

    @Override
    public Container restart(ContainerId id, @Nullable Duration grace, @Nullable Signal signal) {
        ContainerSpecRules.checkGrace(grace);
        return inTurn(id, "restart", entry -> {
            stopNow(entry, grace, signal);
            awaitSettled(entry);
            processes.start(entry);
            return entry.snapshot();
        });
    }

    @Override
    public Container pause(ContainerId id) {
        return inTurn(id, "pause", entry -> {
            if (entry.state() != ContainerState.RUNNING) {
                throw RuntimeFailure.containerState(id, entry.state(), "only a running container can be paused");
            }
            engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .pause(PauseTaskRequest.newBuilder()
                            .setContainerId(id.value())
                            .build());
            entry.stateChanged(ContainerState.PAUSED);
            return entry.snapshot();
        });
    }

    @Override
    public Container resume(ContainerId id) {
        return inTurn(id, "resume", entry -> {
            if (entry.state() != ContainerState.PAUSED) {
                throw RuntimeFailure.containerState(id, entry.state(), "only a paused container can be resumed");
            }
            thaw(entry);
            return entry.snapshot();
        });
    }

    private void thaw(ContainerEntry entry) {
        if (entry.state() == ContainerState.PAUSED) {
            engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .resume(ResumeTaskRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .build());
            entry.stateChanged(ContainerState.RUNNING);
        }
    }

    @Override
    public void remove(ContainerId id, boolean force) {
        var running = index.get(id).process();
        if (running != null && force) {
            // Before its turn: a stop that waits out its grace must not delay this.
            running.signal(Signal.KILL, true);
        }
        inTurn(id, "remove", entry -> {
            var process = entry.process();
            if (process != null) {
                if (!force) {
                    throw RuntimeFailure.containerState(id, entry.state(), "stop it first, or remove it by force");
                }
                killAll(entry, process);
            }
            awaitSettled(entry);
            processes.deleteTask(entry);
            records.delete(id);
            creation.removeSnapshot(entry.snapshotter, id);
            logs.remove(id);
            forget(entry);
            return id;
        });
    }

    /** Strikes a container off, here or because somebody else has removed it, and tells who waits for it. */
    void forget(ContainerEntry entry) {
        index.remove(entry);
        entry.removed(new ProcessExit(
                new ExitOutcome.Lost("the container was removed"),
                0,
                0,
                DrainState.COMPLETE,
                false,
                null,
                PhaseTimes.NONE));
    }

    @Override
    public Container rename(ContainerId id, String name) {
        ContainerSpecRules.checkName(name);
        return inTurn(id, "rename", entry -> {
            var old = entry.name();
            index.reserve(name, id);
            try (var undo = new Undo()) {
                undo.add("free the name " + name, () -> index.release(name, id));
                records.rename(id, name);
                undo.keep();
            }
            entry.name(name);
            if (!old.equals(name)) {
                index.release(old, id);
            }
            return entry.snapshot();
        });
    }

    @Override
    public Container get(String idOrName) {
        return index.find(idOrName).snapshot();
    }

    @Override
    public List<Container> list() {
        return index.all().stream().map(ContainerEntry::snapshot).toList();
    }

    @Override
    public CompletableFuture<@Nullable ProcessExit> await(ContainerId id, WaitCondition condition) {
        var entry = index.get(id);
        return switch (condition) {
            case NOT_RUNNING -> notRunning(entry);
            case NEXT_EXIT -> ofNullable(entry.nextExit());
            case REMOVED -> entry.removal();
        };
    }

    private static CompletableFuture<@Nullable ProcessExit> notRunning(ContainerEntry entry) {
        // In this order: an end between the two completes the future.
        var next = entry.nextExit();
        return entry.running()
                ? ofNullable(next)
                : CompletableFuture.<@Nullable ProcessExit>completedFuture(entry.lastExit());
    }

    /** The same future, of a type that may hold null. */
    private static CompletableFuture<@Nullable ProcessExit> ofNullable(CompletableFuture<ProcessExit> exit) {
        return exit.<@Nullable ProcessExit>thenApply(e -> e);
    }

    @Override
    public List<ContainerProcess> processes(ContainerId id) {
        var entry = index.get(id);
        if (!entry.running()) {
            throw RuntimeFailure.containerState(id, entry.state(), "only a running container has processes");
        }
        return asking(
                "list the processes of container " + id.shortForm(),
                () -> engine
                        .client()
                        .tasks(ContainerdClient.QUICK)
                        .listPids(ListPidsRequest.newBuilder()
                                .setContainerId(id.value())
                                .build())
                        .getProcessesList()
                        .stream()
                        .flatMap(info -> ProcFs.process(info.getPid(), execId(info)).stream())
                        .sorted(Comparator.comparingLong(ContainerProcess::pid))
                        .toList());
    }

    private static @Nullable ExecId execId(ProcessInfo info) {
        try {
            var id = ProcessDetails.parseFrom(info.getInfo().getValue()).getExecId();
            return ContainerId.isWhole(id) ? new ExecId(id) : null;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    @Override
    public ProcessSession attach(ContainerId id, @Nullable TerminalSize size, OutputSink sink) {
        var entry = index.get(id);
        if (entry.state() == ContainerState.EXITED) {
            throw RuntimeFailure.containerState(id, ContainerState.EXITED, "start it to attach to it");
        }
        var reader = entry.spool().readLossy(sink);
        var session = new AttachedSession(entry, reader);
        if (size != null) {
            session.resize(size);
        }
        return session;
    }

    @Override
    public LogSession logs(ContainerId id, LogQuery query, LogSink sink) {
        return logs.read(index.get(id).id, query, sink);
    }

    /** Waits until what an ended run left behind has been taken away. */
    private static void awaitSettled(ContainerEntry entry) {
        if (!entry.running() && !within(KILL_TIME, entry.settled())) {
            throw RuntimeFailure.of(
                    Reason.RUNTIME_TIMEOUT,
                    "the last run of container " + entry.id.shortForm() + " is still being cleared away; try again",
                    Map.of("container", entry.id.value()));
        }
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

    /** Runs an operation on a container when those before it are done. */
    private <T> T inTurn(ContainerId id, String what, Function<ContainerEntry, T> operation) {
        var entry = index.get(id);
        try {
            entry.turns.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RuntimeFailure.of(Reason.CONFLICT, "the call was cancelled");
        }
        try {
            if (index.peek(id.value()) != entry) {
                throw RuntimeFailure.containerNotFound(id.value());
            }
            return asking(what + " container " + id.shortForm(), () -> toItsEnd(() -> operation.apply(entry)));
        } finally {
            entry.turns.unlock();
        }
    }

    /** What has begun is finished, though its caller may have cancelled meanwhile. */
    private static <T> T toItsEnd(Supplier<T> work) {
        var caller = Context.ROOT.attach();
        try {
            return work.get();
        } finally {
            Context.ROOT.detach(caller);
        }
    }

    private <T> T asking(String what, Supplier<T> calls) {
        try {
            return calls.get();
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                throw RuntimeFailure.of(
                        Reason.CONFLICT, "could not " + what + ": it ended meanwhile; look at it again", Map.of(), e);
            }
            throw ContainerdFailures.from(e, what, engine.settings().socket());
        }
    }
}
