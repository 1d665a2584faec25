package dev.hawse.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hawse.containerd.api.runc.v1.ProcessDetails;
import dev.hawse.containerd.api.services.tasks.v1.GetRequest;
import dev.hawse.containerd.api.services.tasks.v1.ListPidsRequest;
import dev.hawse.containerd.api.services.tasks.v1.PauseTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.ResumeTaskRequest;
import dev.hawse.containerd.api.types.task.ProcessInfo;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerProcess;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerSpecRules;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputSink;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link ContainerOperations} on containerd. */
final class ContainerdContainers implements ContainerOperations {

    private static final Logger log = LoggerFactory.getLogger(ContainerdContainers.class);
    private static final Duration REFRESH = Duration.ofSeconds(1);

    private final Engine engine;
    private final ContainerIndex index;
    private final ContainerRecords records;
    private final ContainerCreation creation;
    private final MainProcesses processes;
    private final ContainerEnding ending;
    private final ContainerRemoval removal;
    private final LogStore logs;

    ContainerdContainers(
            Engine engine,
            ContainerIndex index,
            ContainerRecords records,
            ContainerCreation creation,
            MainProcesses processes,
            ContainerEnding ending,
            ContainerRemoval removal,
            LogStore logs) {
        this.engine = engine;
        this.index = index;
        this.records = records;
        this.creation = creation;
        this.processes = processes;
        this.ending = ending;
        this.removal = removal;
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
                ending.settle(entry);
                processes.start(entry);
            }
            return entry.snapshot();
        });
    }

    @Override
    public Stopped stop(ContainerId id, @Nullable Duration grace, @Nullable Signal signal) {
        ContainerSpecRules.checkGrace(grace);
        return inTurn(id, "stop", entry -> {
            var killed = ending.stop(entry, grace, signal);
            return new Stopped(entry.snapshot(), killed);
        });
    }

    @Override
    public void kill(ContainerId id, Signal signal, boolean all) {
        var entry = index.get(id);
        var process = entry.process();
        if (process == null || process.hasEnded()) {
            var state = process == null ? entry.state() : ContainerState.EXITED;
            throw RuntimeFailure.containerState(id, state, "only a running container can be signalled");
        }
        process.signal(signal, all);
        if (signal.equals(Signal.KILL)) {
            ending.thaw(entry);
        }
    }

    @Override
    public Container restart(ContainerId id, @Nullable Duration grace, @Nullable Signal signal) {
        ContainerSpecRules.checkGrace(grace);
        return inTurn(id, "restart", entry -> {
            var _ = ending.stop(entry, grace, signal);
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
            engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .resume(ResumeTaskRequest.newBuilder()
                            .setContainerId(id.value())
                            .build());
            entry.stateChanged(ContainerState.RUNNING);
            return entry.snapshot();
        });
    }

    /** Asks how a container is: somebody else has changed that, or its shim did not say. Until it says, again and again. */
    void refresh(ContainerEntry entry) {
        entry.turns.lock();
        try {
            if (entry.running()) {
                var task = engine.client()
                        .tasks(ContainerdClient.QUICK)
                        .get(GetRequest.newBuilder()
                                .setContainerId(entry.id.value())
                                .build())
                        .getProcess();
                entry.stateChanged(TaskStates.of(task));
            }
        } catch (StatusRuntimeException e) {
            log.debug("the state of {} was not told: {}", entry.id, e.getStatus());
        } finally {
            entry.turns.unlock();
        }
        if (entry.state() == ContainerState.UNKNOWN) {
            Runnable again = () -> engine.workers().execute(() -> refresh(entry));
            var _ = engine.timer().schedule(again, REFRESH.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void remove(ContainerId id, boolean force) {
        if (force) {
            removal.killAhead(id);
        }
        inTurn(id, "remove", entry -> {
            removal.remove(entry, force);
            return id;
        });
    }

    @Override
    public Container rename(ContainerId id, String name) {
        ContainerSpecRules.checkName(name);
        return inTurn(id, "rename", entry -> {
            var old = entry.name();
            if (old.equals(name)) {
                return entry.snapshot();
            }
            index.reserve(name, id);
            try (var undo = new Undo()) {
                undo.add("free the name " + name, () -> index.release(name, id));
                records.rename(id, name);
                undo.keep();
            }
            entry.name(name);
            index.release(old, id);
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
        return index.get(id).await(condition);
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
    public ProcessSession attach(ContainerId id, @Nullable TerminalSize size, boolean lossless, OutputSink sink) {
        var entry = index.get(id);
        var session = entry.attach(lossless, sink);
        if (size != null) {
            session.resize(size);
        }
        return session;
    }

    @Override
    public LogSession logs(ContainerId id, LogQuery query, LogSink sink) {
        return logs.read(index.get(id).id, query, sink);
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
            var process = entry.process();
            if (process != null && process.hasEnded()) {
                // Whoever was told of the end finds it dealt with.
                ending.settle(entry);
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
