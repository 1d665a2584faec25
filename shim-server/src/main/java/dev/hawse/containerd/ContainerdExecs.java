package dev.hawse.containerd;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.services.tasks.v1.ExecProcessRequest;
import dev.hawse.containerd.api.services.tasks.v1.StartRequest;
import dev.hawse.containerd.oci.MountedRootFiles;
import dev.hawse.containerd.oci.OciProcess;
import dev.hawse.containerd.oci.ResolvedUser;
import dev.hawse.containerd.oci.UserResolver;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.Spool;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link ExecOperations} on containerd, by the OCI runtime's exec. */
final class ContainerdExecs implements ExecOperations {

    private static final Logger log = LoggerFactory.getLogger(ContainerdExecs.class);
    private static final String OCI_PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";

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
    public ExecStart start(ContainerId container, ExecSpec spec, OutputSink sink) {
        var entry = index.get(container);
        requireRunning(entry);
        var asked = System.nanoTime();
        admit(entry);
        var admitted = System.nanoTime();
        try {
            return uninterrupted(() -> start(entry, spec, sink, Duration.ofNanos(admitted - asked)));
        } catch (StatusRuntimeException e) {
            // A container that ended meanwhile is the more helpful answer.
            requireRunning(entry);
            if (SpawnFailures.saysNotRunning(e)) {
                throw RuntimeFailure.containerState(
                        entry.id, ContainerState.EXITED, "it has ended or was paused just now");
            }
            throw ContainerdFailures.from(
                    e,
                    "execute a command in container " + container.shortForm(),
                    engine.settings().socket());
        } catch (IOException e) {
            throw RuntimeFailure.internal("the streams of a command could not be made: " + e.getMessage(), e);
        } finally {
            entry.execStarts.release();
        }
    }

    private static void requireRunning(ContainerEntry entry) {
        if (entry.state() != ContainerState.RUNNING) {
            throw RuntimeFailure.containerState(
                    entry.id, entry.state(), "a command can only be executed in a running container");
        }
    }

    private static void admit(ContainerEntry entry) {
        try {
            entry.execStarts.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RuntimeFailure.of(Reason.CONFLICT, "the call was cancelled before the command was started");
        }
    }

    /**
     * What has begun is finished, whether or not anybody still wants it: a start that is cut off in the middle would leave a
     * command that nobody knows of.
     */
    private ExecStart uninterrupted(Callable<ExecStart> start) throws IOException {
        try {
            return Uninterruptibles.getUninterruptibly(engine.workers().submit(start));
        } catch (ExecutionException e) {
            var cause = Objects.requireNonNull(e.getCause());
            Throwables.throwIfInstanceOf(cause, IOException.class);
            Throwables.throwIfUnchecked(cause);
            throw new IllegalStateException(cause);
        }
    }

    private ExecStart start(ContainerEntry entry, ExecSpec spec, OutputSink sink, Duration queued) throws IOException {
        var began = System.nanoTime();
        var id = ExecId.random();
        var process = OciProcess.forExec(entry.ociProcess, spec, user(entry, spec));
        var spool = new Spool(SPOOL_BYTES);
        try (var undo = new Undo()) {
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
            engine.client()
                    .tasks(ContainerdClient.QUICK)
                    .exec(ExecProcessRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .setExecId(id.value())
                            .setStdin(stdio.stdinPath())
                            .setStdout(stdio.stdoutPath())
                            .setStderr(stdio.stderrPath())
                            .setTerminal(spec.io().terminal())
                            .setSpec(Any.newBuilder().setTypeUrl(OCI_PROCESS).setValue(ByteString.copyFrom(process)))
                            .build());
            managed.watch();
            var reader = spool.readLossless(sink);
            long pid;
            try {
                pid = engine.client()
                        .tasks(ContainerdClient.SLOW)
                        .start(StartRequest.newBuilder()
                                .setContainerId(entry.id.value())
                                .setExecId(id.value())
                                .build())
                        .getPid();
            } catch (StatusRuntimeException e) {
                var starting = Duration.ofNanos(System.nanoTime() - began);
                return notStarted(e, new PhaseTimes(queued, starting, Duration.ZERO, Duration.ZERO));
            }
            undo.keep();
            running.put(managed, spool);
            var _ = managed.ended().thenRun(() -> running.remove(managed));
            var _ = managed.ended().thenRunAsync(() -> ended(entry.id, id, managed), engine.workers());
            managed.started(queued, Duration.ofNanos(System.nanoTime() - began));
            return new ExecStart.Running(id, pid, new CommandSession(managed, reader));
        }
    }

    private static ExecStart notStarted(StatusRuntimeException e, PhaseTimes times) {
        var failure = SpawnFailures.of(e).orElseThrow(() -> e);
        return new ExecStart.NotStarted(ProcessExit.notStarted(failure, times));
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
