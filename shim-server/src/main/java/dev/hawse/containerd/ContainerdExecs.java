package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.services.tasks.v1.GetRequest;
import dev.hawse.containerd.api.types.task.Process;
import dev.hawse.containerd.api.types.task.Status;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.containerd.oci.MountedRootFiles;
import dev.hawse.containerd.oci.ResolvedUser;
import dev.hawse.containerd.oci.UserResolver;
import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.ExecAdoption;
import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.WaitCondition;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link ExecOperations} on containerd, by the OCI runtime's exec. */
final class ContainerdExecs implements ExecOperations {

    private static final Logger log = LoggerFactory.getLogger(ContainerdExecs.class);
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private final Engine engine;
    private final ContainerIndex index;
    private final TaskRemoval removal;
    private final OomKiller oomKiller;
    private final Set<ManagedProcess> running = ConcurrentHashMap.newKeySet();

    ContainerdExecs(Engine engine, ContainerIndex index, TaskRemoval removal, OomKiller oomKiller) {
        this.engine = engine;
        this.index = index;
        this.removal = removal;
        this.oomKiller = oomKiller;
    }

    @Override
    public int running() {
        return running.size();
    }

    @Override
    public CompletableFuture<ExecStart> start(
            ContainerId container, ExecId id, ExecSpec spec, DrainPolicy drain, OutputWriter out) {
        var entry = index.get(container);
        requireRunning(entry);
        var asked = System.nanoTime();
        var turn = entry.execStarts.enter();
        var answer = new Answer(turn);
        Runnable begin = () -> {
            var queued = Duration.ofNanos(System.nanoTime() - asked);
            start(new Command(entry, id, spec.io(), drain, out), spec, queued, answer);
        };
        if (turn.isDone()) {
            begin.run();
        } else {
            var _ = turn.thenRunAsync(begin, engine.workers());
        }
        return answer;
    }

    /** What a start comes to. It can be cancelled only while it waits for its turn. */
    private static final class Answer extends CompletableFuture<ExecStart> {
        private final CompletableFuture<Void> turn;

        Answer(CompletableFuture<Void> turn) {
            this.turn = turn;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return turn.cancel(false) && super.cancel(mayInterruptIfRunning);
        }
    }

    private static void requireRunning(ContainerEntry entry) {
        if (!mayRun(entry)) {
            throw notRunning(entry);
        }
    }

    /** A shim that is too busy to say how its container is may all the same start a command in it. */
    private static boolean mayRun(ContainerEntry entry) {
        return switch (entry.state()) {
            case RUNNING, UNKNOWN -> true;
            case CREATED, PAUSED, EXITED -> false;
        };
    }

    private static RuntimeFailure notRunning(ContainerEntry entry) {
        return RuntimeFailure.containerState(
                entry.id, entry.state(), "a command can only be executed in a running container");
    }

    /** A command that there is, or is to be. */
    private record Command(ContainerEntry entry, ExecId id, ProcessIo io, DrainPolicy drain, OutputWriter out) {}

    /** It is the command's turn: describes it, makes its streams, and has it started. */
    private void start(Command command, ExecSpec spec, Duration queued, Answer answer) {
        var entry = command.entry();
        var id = command.id();
        var began = System.nanoTime();
        var undo = new Undo();
        try {
            var process = entry.ociProcess.forExec(spec, user(entry, spec));
            var stdio = Stdio.make(engine, fifos(id), spec.io(), command.out(), closeIo(command));
            undo.add("free the FIFOs of " + id, stdio::close);
            FailPoint.at("exec.fifos");
            var managed = managed(command, stdio);
            undo.add("delete the exec " + id, () -> {
                StrayCommand.kill(entry, id);
                var _ = removal.killAndDelete(entry.id, id);
            });
            var starting = new ExecStarting(engine, entry.id, id, managed, undo, queued, began);
            var _ = starting.begin(process, spec.io()).whenComplete((pid, failure) -> {
                entry.execStarts.leave();
                if (failure == null) {
                    answer.complete(new ExecStart.Running(pid, control(command, pid, managed)));
                } else {
                    answerFailure(answer, entry, failure, starting);
                }
            });
        } catch (IOException | RuntimeException e) {
            undo.close();
            entry.execStarts.leave();
            answer.completeExceptionally(failure(entry, e));
        }
    }

    private ManagedProcess managed(Command command, Stdio stdio) {
        var entry = command.entry();
        return new ManagedProcess(
                engine,
                entry.id,
                command.id(),
                command.out(),
                stdio,
                command.drain(),
                () -> oomKiller.hasStruckAgain(entry));
    }

    private Runnable closeIo(Command command) {
        return new TaskCalls(engine, command.entry().id, command.id())::closeIoSoon;
    }

    private ExecControl control(Command command, long pid, ManagedProcess managed) {
        running.add(managed);
        var _ = managed.ended().thenRun(() -> running.remove(managed));
        var container = command.entry().id;
        return new CommandControl(
                managed,
                new ProcessTree(pid, container.value()),
                engine.workers(),
                () -> release(container, command.id(), managed));
    }

    @Override
    public CompletableFuture<Void> ready() {
        return index.opening();
    }

    @Override
    public ExecAdoption adopt(ContainerId container, ExecId id, ProcessIo io, DrainPolicy drain, OutputWriter out) {
        var entry = index.peek(container.value());
        var found = entry == null ? null : find(container, id);
        if (entry == null || found == null) {
            Stdio.remove(fifos(id));
            return new ExecAdoption.Gone();
        }
        if (found.getStatus() == Status.CREATED) {
            var _ = removal.killAndDelete(container, id);
            Stdio.remove(fifos(id));
            return new ExecAdoption.NeverRan();
        }
        var command = new Command(entry, id, io, drain, out);
        var managed = managed(command, reopen(command));
        managed.watch();
        var control = control(command, found.getPid(), managed);
        managed.started(Duration.ZERO, Duration.ZERO);
        return new ExecAdoption.Started(found.getPid(), control);
    }

    /** What the shim knows of a command; null for nothing. */
    private @Nullable Process find(ContainerId container, ExecId id) {
        try {
            return engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .get(GetRequest.newBuilder()
                            .setContainerId(container.value())
                            .setExecId(id.value())
                            .build())
                    .getProcess();
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, io.grpc.Status.Code.NOT_FOUND)) {
                return null;
            }
            throw ContainerdFailures.from(
                    e, "look for command " + id, engine.settings().socket());
        }
    }

    private Stdio reopen(Command command) {
        try {
            var dir = fifos(command.id());
            var output = new FifoOutput(engine.reactor(), dir, command.io().terminal(), command.out());
            return Stdio.reopen(engine, dir, command.io(), output, closeIo(command));
        } catch (IOException e) {
            log.warn("the output of command {} is lost from now on, its end is not: {}", command.id(), e.getMessage());
            return Stdio.absent(fifos(command.id()), new NoOutput());
        }
    }

    @Override
    public void release(ContainerId container, ExecId id) {
        // The FIFOs go last.
        if (Files.exists(fifos(id))) {
            removal.delete(container, id);
            Stdio.remove(fifos(id));
        }
    }

    @Override
    public void endLeftovers(Predicate<ExecId> known) {
        new LeftCommands(engine, index, removal).sweep(known);
    }

    private Path fifos(ExecId id) {
        return engine.settings().fifoDir().resolve(id.value());
    }

    private void answerFailure(Answer answer, ContainerEntry entry, Throwable thrown, ExecStarting starting) {
        var spawn = thrown instanceof StatusRuntimeException e
                ? SpawnFailures.of(e)
                : Optional.<ExitOutcome.SpawnFailed>empty();
        if (spawn.isPresent()) {
            answer.complete(new ExecStart.NotStarted(ProcessExit.notStarted(spawn.get(), starting.times())));
        } else if (starting.isAsked()) {
            answer.complete(new ExecStart.Unknown(failure(entry, thrown)));
        } else {
            answer.completeExceptionally(failure(entry, thrown));
        }
    }

    private RuntimeFailure failure(ContainerEntry entry, Throwable failure) {
        return switch (failure) {
            case RuntimeFailure e -> e;
            case IOException e -> ContainerdFailures.streams(e, "a command");
            // A container that ended meanwhile is the more helpful answer.
            case StatusRuntimeException _ when !mayRun(entry) -> notRunning(entry);
            case StatusRuntimeException e
            when SpawnFailures.saysNotRunning(e) ->
                RuntimeFailure.containerState(entry.id, ContainerState.EXITED, "it has ended or was paused just now");
            case StatusRuntimeException e
            when ContainerdFailures.is(e, io.grpc.Status.Code.UNKNOWN) && endsNow(entry) ->
                RuntimeFailure.containerState(entry.id, entry.state(), "it ended while the command was started");
            case StatusRuntimeException e ->
                ContainerdFailures.from(
                        e,
                        "execute a command in container " + entry.id.shortForm(),
                        engine.settings().socket());
            default -> RuntimeFailure.internal("a command could not be started", failure);
        };
    }

    /** The OCI runtime trips in many words over a container that is about to go, whose end is known a moment later. */
    private static boolean endsNow(ContainerEntry entry) {
        try {
            var _ = entry.await(WaitCondition.NOT_RUNNING).get(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** The server is about to leave: what it holds of commands' streams is freed, and waits for the next one. */
    void closeDescriptors() {
        running.forEach(process -> process.stdio().closeDescriptors());
    }

    private void release(ContainerId container, ExecId id, ManagedProcess process) {
        FailPoint.at("exec.remembered");
        try {
            removal.delete(container, id);
            FailPoint.at("exec.deleted");
        } catch (RuntimeException e) {
            log.warn("exec {} of {} stays in the shim until its container ends: {}", id, container, e.getMessage());
        } finally {
            process.stdio().close();
        }
    }

    /** Who the command is to run as, by the container's own files as they are now; null for the container's user. */
    private @Nullable ResolvedUser user(ContainerEntry entry, ExecSpec spec) {
        if (spec.user().isEmpty()) {
            return null;
        }
        var mounts = engine.client()
                .snapshots()
                .mounts(MountsRequest.newBuilder()
                        .setSnapshotter(entry.snapshotter)
                        .setKey(entry.id.value())
                        .build())
                .getMountsList();
        return UserResolver.resolve(spec.user(), MountedRootFiles.over(mounts));
    }
}
