package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.services.tasks.v1.CreateTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.StartRequest;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.LogStore;
import dev.hawse.stream.Spool;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts containers' main processes, finds those that run already, and puts things in order when they end. */
final class MainProcesses {

    private static final Logger log = LoggerFactory.getLogger(MainProcesses.class);

    private final Engine engine;
    private final ContainerRecords records;
    private final LogStore logs;
    private final TaskRemoval tasks;
    private final OomKiller oomKiller;

    MainProcesses(Engine engine, ContainerRecords records, LogStore logs) {
        this.engine = engine;
        this.records = records;
        this.logs = logs;
        this.tasks = new TaskRemoval(engine);
        this.oomKiller = new OomKiller(engine);
    }

    /** Starts a container that does not run. The caller holds its turn. */
    void start(ContainerEntry entry) {
        var began = System.nanoTime();
        tasks.delete(entry.id);
        try (var undo = new Undo()) {
            var mounts = engine.client()
                    .snapshots()
                    .mounts(MountsRequest.newBuilder()
                            .setSnapshotter(entry.snapshotter)
                            .setKey(entry.id.value())
                            .build())
                    .getMountsList();
            var spool = entry.spool();
            var stdio = Stdio.make(
                    engine, fifos(entry), entry.spec.io(), spool, ManagedProcess.closeIo(engine, entry.id, null));
            undo.add("free the FIFOs of " + entry.id, stdio::close);
            var process = process(entry, spool, stdio);
            // Before there is one: an answer that is lost on its way leaves a task all the same.
            undo.add("delete the task of " + entry.id, () -> entry.settleAfter(tasks.killAndDelete(entry.id)));
            var created = engine.client()
                    .tasks(ContainerdClient.SLOW)
                    .create(CreateTaskRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .addAllRootfs(mounts)
                            .setStdin(stdio.stdinPath())
                            .setStdout(stdio.stdoutPath())
                            .setStderr(stdio.stderrPath())
                            .setTerminal(entry.spec.io().terminal())
                            .build());
            BindSources.checkMounted(
                    entry.spec, created.getPid(), engine.settings().bindPolicy());
            var size = entry.sizeAtStart();
            if (size != null) {
                process.resize(size);
            }
            undo.add("end the log of " + entry.id, logs.write(entry.id, spool)::close);
            process.watch();
            engine.client()
                    .tasks(ContainerdClient.SLOW)
                    .start(StartRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .build());
            undo.keep();
            begin(entry, process, created.getPid(), Instant.now(), ContainerState.RUNNING);
            process.started(Duration.ZERO, Duration.ofNanos(System.nanoTime() - began));
        } catch (StatusRuntimeException e) {
            throw SpawnFailures.ofContainer(e, entry.id, engine.settings().socket());
        } catch (IOException e) {
            throw RuntimeFailure.internal(
                    "the streams of container " + entry.id.shortForm() + " could not be made: " + e.getMessage(), e);
        }
    }

    private ManagedProcess process(ContainerEntry entry, Spool spool, Stdio stdio) {
        return new ManagedProcess(engine, entry.id, null, spool, stdio, () -> oomKiller.hasStruck(entry));
    }

    /**
     * Takes over a main process that was started in an earlier life of this server, whether it still runs or not. What it
     * wrote while there was no server waits in its FIFOs as long as it runs; once it has ended nobody holds them open, and
     * the last of it is lost.
     */
    void adopt(ContainerEntry entry, long pid, ContainerState state) {
        var spool = entry.spool();
        // Before anything is read: what waits in the FIFOs belongs into the log.
        var _ = logs.write(entry.id, spool);
        var process = process(entry, spool, reopen(entry, spool));
        process.watch();
        begin(entry, process, pid, startTime(entry, pid), state);
        process.started(Duration.ZERO, Duration.ZERO);
    }

    /** The FIFOs were made for this run, a moment before its start. */
    private Instant startTime(ContainerEntry entry, long pid) {
        try {
            return Files.getLastModifiedTime(fifos(entry)).toInstant();
        } catch (IOException e) {
            return ProcFs.startTime(pid).orElse(entry.createdAt);
        }
    }

    private Stdio reopen(ContainerEntry entry, Spool spool) {
        try {
            return Stdio.reopen(
                    engine, fifos(entry), entry.spec.io(), spool, ManagedProcess.closeIo(engine, entry.id, null));
        } catch (IOException e) {
            log.warn("the output of container {} is lost from now on, its end is not: {}", entry.id, e.getMessage());
            return Stdio.absent(fifos(entry));
        }
    }

    private void begin(ContainerEntry entry, ManagedProcess process, long pid, Instant at, ContainerState state) {
        entry.started(process, pid, at, state);
        // Who is told of the end finds the whole log, and the next run does not write into it before this one is done.
        var _ = process.ended()
                .thenCombine(logs.written(entry.id), (exit, _) -> exit)
                .thenAcceptAsync(exit -> ended(entry, process, exit), engine.workers());
    }

    private void ended(ContainerEntry entry, ManagedProcess process, ProcessExit exit) {
        try {
            var started = entry.startedAt();
            entry.exited(exit);
            records.ended(entry.id, new RunRecord(started, exit));
            tasks.delete(entry.id);
        } catch (RuntimeException e) {
            log.warn("what container {} left behind will be taken away later: {}", entry.id, e.getMessage());
        } finally {
            process.stdio().close();
            entry.settle();
        }
    }

    /** Takes away the task of a container that does not run; none there is fine. */
    void deleteTask(ContainerEntry entry) {
        tasks.delete(entry.id);
    }

    private Path fifos(ContainerEntry entry) {
        return engine.settings().fifoDir().resolve(entry.id.value());
    }
}
