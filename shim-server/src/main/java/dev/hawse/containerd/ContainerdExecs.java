package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.types.task.Process;
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
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.WaitCondition;
import dev.hawse.sys.Reactors;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
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
    private final CommandLookup commands;
    private final LeftFifos left;
    private final ContainerIndex index;
    private final TaskRemoval removal;
    private final OomKiller oomKiller;
    private final ContainerNews news;
    private final Set<ManagedProcess> running = ConcurrentHashMap.newKeySet();

    /** Starts of which it is not known what came of them, until they are adopted. */
    private final Map<ExecId, Unsure> unsure = new ConcurrentHashMap<>();

    ContainerdExecs(Engine engine, ContainerIndex index, TaskRemoval removal, OomKiller oomKiller, ContainerNews news) {
        this.engine = engine;
        this.commands = new CommandLookup(engine);
        this.left = LeftFifos.open(engine.settings().fifoDir());
        this.index = index;
        this.removal = removal;
        this.oomKiller = oomKiller;
        this.news = news;
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
            var _ = turn.thenRunAsync(Reactors.keepNear(begin), engine.workers());
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

    /**
     * A command that may run: its streams are kept open.
     *
     * @param times how long its start took; null when an earlier life of this server began it
     */
    private record Unsure(ManagedProcess process, @Nullable PhaseTimes times) {}

    /** It is the command's turn: describes it, makes its streams, and has it started. */
    private void start(Command command, ExecSpec spec, Duration queued, Answer answer) {
        var entry = command.entry();
        var id = command.id();
        var began = System.nanoTime();
        var undo = new Undo();
        try {
            var process = entry.ociProcess.forExec(spec, user(entry, spec));
            var stdio = Stdio.make(engine, fifos(command), spec.io(), command.out(), closeIo(command));
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
                    tellOf(command, managed);
                } else {
                    answerFailure(answer, command, managed, failure, starting);
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

    /** Not from what containerd says: of what happens while it is away it may say nothing, or twice. */
    private void tellOf(Command command, ManagedProcess managed) {
        var container = command.entry().id;
        news.commandStarted(container, command.id());
        var _ = managed.ended()
                .thenAcceptAsync(exit -> news.commandEnded(container, command.id(), exit), engine.workers());
    }

    @Override
    public CompletableFuture<Void> ready() {
        return index.opening();
    }

    @Override
    public ExecAdoption adopt(ContainerId container, ExecId id, ProcessIo io, DrainPolicy drain, OutputWriter out) {
        var entry = index.peek(container.value());
        if (entry == null) {
            return forgotten(container, id, new ExecAdoption.Gone());
        }
        var command = new Command(entry, id, io, drain, out);
        // Opens its FIFOs before the shim is asked, which answers nothing while it waits for that.
        var start = unsure.computeIfAbsent(id, _ -> new Unsure(managed(command, reopen(command)), null));
        left.letGo(fifos(container, id));
        var there = commands.find(container, id);
        var found = there == null || CommandLookup.wasStarted(there) ? there : withdrawn(entry, id);
        if (found == null) {
            // Of one that was being started the shim may not know that it ran: see SpawnFailures#saysNotStarted.
            var certain = there != null && start.times() == null;
            return forgotten(container, id, certain ? new ExecAdoption.NeverRan() : new ExecAdoption.Gone());
        }
        if (start.times() != null && io.stdin()) {
            // The shim gives up opening the input of a command when the connection breaks on which it was asked to
            // start it.
            log.warn("ending command {}: its start was cut off, and its input might never reach it", id);
            new ProcessTree(found.getPid(), container.value()).kill();
            var _ = removal.killAndDelete(container, id);
            return forgotten(container, id, new ExecAdoption.Gone());
        }
        unsure.remove(id);
        var managed = start.process();
        if (start.times() == null || io.terminal()) {
            managed.watch();
        }
        var times = Objects.requireNonNullElse(start.times(), PhaseTimes.NONE);
        var control = control(command, found.getPid(), managed);
        managed.started(times.queued(), times.starting());
        tellOf(command, managed);
        return new ExecAdoption.Started(found.getPid(), control, managed.stdio().inputOpen());
    }

    private ExecAdoption forgotten(ContainerId container, ExecId id, ExecAdoption what) {
        var start = unsure.remove(id);
        if (start != null) {
            start.process().stdio().close();
        }
        left.letGo(fifos(container, id));
        Stdio.remove(fifos(container, id));
        return what;
    }

    /** Takes away a command that was not started, unless it is after all: then it is the answer, else null. */
    private @Nullable Process withdrawn(ContainerEntry entry, ExecId id) {
        StrayCommand.kill(entry, id);
        try {
            removal.delete(entry.id, id);
            return null;
        } catch (RuntimeFailure e) {
            var found = commands.find(entry.id, id);
            if (found != null && !CommandLookup.wasStarted(found)) {
                throw e;
            }
            return found;
        }
    }

    private Stdio reopen(Command command) {
        try {
            var dir = fifos(command);
            var output = new FifoOutput(
                    engine.reactors().nearest(), dir, command.io().terminal(), command.out());
            return Stdio.reopen(engine, dir, command.io(), output, closeIo(command));
        } catch (IOException e) {
            log.warn("the output of command {} is lost from now on, its end is not: {}", command.id(), e.getMessage());
            return Stdio.absent(fifos(command), new NoOutput());
        }
    }

    @Override
    public void release(ContainerId container, ExecId id, ProcessExit exit) {
        news.commandOver(container, id, exit);
        // The FIFOs go last.
        if (Files.exists(fifos(container, id))) {
            removal.delete(container, id);
            left.letGo(fifos(container, id));
            Stdio.remove(fifos(container, id));
        }
    }

    @Override
    public void endLeftovers(Predicate<ExecId> known) {
        new LeftCommands(engine, index, removal, left, commands).sweep(known);
        news.commandsKnown(known);
    }

    private Path fifos(Command command) {
        return fifos(command.entry().id, command.id());
    }

    private Path fifos(ContainerId container, ExecId id) {
        return LeftFifos.dir(engine.settings().fifoDir(), container, id);
    }

    private void answerFailure(
            Answer answer, Command command, ManagedProcess process, Throwable thrown, ExecStarting starting) {
        var entry = command.entry();
        var spawn = thrown instanceof StatusRuntimeException e
                ? SpawnFailures.of(e)
                : Optional.<ExitOutcome.SpawnFailed>empty();
        if (spawn.isPresent()) {
            answer.complete(new ExecStart.NotStarted(ProcessExit.notStarted(spawn.get(), starting.times())));
        } else if (starting.mayHaveRun(thrown)) {
            unsure.put(command.id(), new Unsure(process, starting.times()));
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
        unsure.values().forEach(start -> start.process().stdio().closeDescriptors());
        left.close();
    }

    private void release(ContainerId container, ExecId id, ManagedProcess process) {
        FailPoint.at("exec.remembered");
        try {
            removal.delete(container, id);
            FailPoint.at("exec.deleted");
            news.commandGone(container, id);
        } catch (RuntimeException e) {
            if (ContainerdFailures.mayPass(e)) {
                log.debug("exec {} of {} stays in the shim for now", id, container, e);
                Runnable again = () -> release(container, id, process);
                var _ = engine.timer()
                        .schedule(() -> engine.workers().execute(again), MOMENT.toMillis(), TimeUnit.MILLISECONDS);
                return;
            }
            log.warn("exec {} of {} stays in the shim until its container ends: {}", id, container, e.getMessage());
        }
        // The FIFOs go last.
        process.stdio().close();
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
