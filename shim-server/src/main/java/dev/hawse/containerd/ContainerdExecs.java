package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.oci.MountedRootFiles;
import dev.hawse.containerd.oci.ResolvedUser;
import dev.hawse.containerd.oci.UserResolver;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.Spool;
import dev.hawse.stream.SpoolReader;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link ExecOperations} on containerd, by the OCI runtime's exec. */
final class ContainerdExecs implements ExecOperations {

    private static final Logger log = LoggerFactory.getLogger(ContainerdExecs.class);

    /** How far a command's reader may fall behind before the command waits. */
    private static final long SPOOL_BYTES = 256 << 10;

    private final Engine engine;
    private final ContainerIndex index;
    private final TaskRemoval removal;
    private final OomKiller oomKiller;
    private final Map<ManagedProcess, Spool> running = new ConcurrentHashMap<>();

    ContainerdExecs(Engine engine, ContainerIndex index) {
        this.engine = engine;
        this.index = index;
        this.removal = new TaskRemoval(engine);
        this.oomKiller = new OomKiller(engine);
    }

    @Override
    public int running() {
        return running.size();
    }

    @Override
    public CompletableFuture<ExecStart> start(ContainerId container, ExecSpec spec, OutputSink sink) {
        var entry = index.get(container);
        requireRunning(entry);
        var asked = System.nanoTime();
        var turn = entry.execStarts.enter();
        var answer = new Answer(turn);
        Runnable begin = () -> start(entry, spec, sink, Duration.ofNanos(System.nanoTime() - asked), answer);
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
        if (entry.state() != ContainerState.RUNNING) {
            throw RuntimeFailure.containerState(
                    entry.id, entry.state(), "a command can only be executed in a running container");
        }
    }

    /** It is the command's turn: describes it, makes its streams, and has it started. */
    private void start(ContainerEntry entry, ExecSpec spec, OutputSink sink, Duration queued, Answer answer) {
        var began = System.nanoTime();
        var undo = new Undo();
        try {
            var id = ExecId.random();
            var process = entry.ociProcess.forExec(spec, user(entry, spec));
            var spool = Spool.block(SPOOL_BYTES);
            var stdio = Stdio.make(
                    engine,
                    engine.settings().fifoDir().resolve(id.value()),
                    spec.io(),
                    spool,
                    ManagedProcess.closeIo(engine, entry.id, id));
            undo.add("free the FIFOs of " + id, stdio::close);
            var managed = new ManagedProcess(engine, entry.id, id, spool, stdio, () -> oomKiller.hasStruckAgain(entry));
            undo.add("delete the exec " + id, () -> {
                var _ = removal.killAndDelete(entry.id, id);
            });
            var starting = new ExecStarting(engine, entry.id, id, managed, undo, queued, began);
            var reader = spool.readLossless(sink);
            var _ = starting.begin(process, spec.io()).whenComplete((pid, failure) -> {
                entry.execStarts.leave();
                if (failure == null) {
                    answer.complete(started(entry.id, id, pid, managed, spool, reader));
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

    private ExecStart started(
            ContainerId container, ExecId id, long pid, ManagedProcess managed, Spool spool, SpoolReader reader) {
        running.put(managed, spool);
        var _ = managed.ended().thenRun(() -> running.remove(managed));
        var _ = managed.ended().thenRunAsync(() -> ended(container, id, managed), engine.workers());
        return new ExecStart.Running(id, pid, new CommandSession(managed, reader));
    }

    private void answerFailure(Answer answer, ContainerEntry entry, Throwable failure, ExecStarting starting) {
        var spawn = failure instanceof StatusRuntimeException e
                ? SpawnFailures.of(e)
                : Optional.<ExitOutcome.SpawnFailed>empty();
        spawn.ifPresentOrElse(
                it -> answer.complete(new ExecStart.NotStarted(ProcessExit.notStarted(it, starting.times()))),
                () -> answer.completeExceptionally(failure(entry, failure)));
    }

    private RuntimeFailure failure(ContainerEntry entry, Throwable failure) {
        return switch (failure) {
            case RuntimeFailure e -> e;
            case IOException e -> ContainerdFailures.streams(e, "a command");
            // A container that ended meanwhile is the more helpful answer.
            case StatusRuntimeException _
            when entry.state() != ContainerState.RUNNING ->
                RuntimeFailure.containerState(
                        entry.id, entry.state(), "a command can only be executed in a running container");
            case StatusRuntimeException e
            when SpawnFailures.saysNotRunning(e) ->
                RuntimeFailure.containerState(entry.id, ContainerState.EXITED, "it has ended or was paused just now");
            case StatusRuntimeException e ->
                ContainerdFailures.from(
                        e,
                        "execute a command in container " + entry.id.shortForm(),
                        engine.settings().socket());
            default -> RuntimeFailure.internal("a command could not be started", failure);
        };
    }

    /** The server is about to leave: what it holds of commands' streams is freed. */
    void closeDescriptors() {
        running.keySet().forEach(process -> process.stdio().closeDescriptors());
    }

    /** The server leaves: readers are told, and the next server ends the commands. */
    void abandon() {
        running.values().forEach(spool -> spool.finish(ManagedProcess.lost("this server was closed", spool)));
    }

    private void ended(ContainerId container, ExecId id, ManagedProcess process) {
        try {
            removal.delete(container, id);
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
