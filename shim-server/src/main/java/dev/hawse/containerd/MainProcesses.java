package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.services.tasks.v1.CreateTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.DeleteTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.MetricsRequest;
import dev.hawse.containerd.api.services.tasks.v1.StartRequest;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.LogStore;
import dev.hawse.stream.Spool;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
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

    MainProcesses(Engine engine, ContainerRecords records, LogStore logs) {
        this.engine = engine;
        this.records = records;
        this.logs = logs;
    }

    /** Starts a container that does not run. The caller holds its turn. */
    void start(ContainerEntry entry) {
        var began = System.nanoTime();
        deleteTask(entry);
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
            var process = new ManagedProcess(engine, entry.id, null, spool, stdio);
            undo.add("end the task of " + entry.id, () -> process.abort(() -> deleteTask(entry)));
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
            var size = entry.sizeAtStart();
            if (size != null) {
                process.resizeSoon(size);
            }
            undo.add("end the log of " + entry.id, logs.write(entry.id, spool)::close);
            process.watch();
            engine.client()
                    .tasks(ContainerdClient.SLOW)
                    .start(StartRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .build());
            undo.keep();
            process.started(Duration.ZERO, Duration.ofNanos(System.nanoTime() - began));
            begin(entry, process, created.getPid(), Instant.now(), ContainerState.RUNNING);
        } catch (StatusRuntimeException e) {
            throw SpawnFailures.ofContainer(e, entry.id, engine.settings().socket());
        } catch (IOException e) {
            throw RuntimeFailure.internal(
                    "the streams of container " + entry.id.shortForm() + " could not be made: " + e.getMessage(), e);
        }
    }

    /** Takes over a main process that was started in an earlier life of this server, whether it still runs or not. */
    void adopt(ContainerEntry entry, long pid, ContainerState state) {
        var spool = entry.spool();
        var process = new ManagedProcess(engine, entry.id, null, spool, reopen(entry, spool));
        process.watch();
        process.started(Duration.ZERO, Duration.ZERO);
        begin(entry, process, pid, ProcFs.startTime(pid).orElse(entry.createdAt), state);
    }

    private Stdio reopen(ContainerEntry entry, Spool spool) {
        // Before the first byte is read, or the log would miss it.
        var _ = logs.write(entry.id, spool);
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
        var _ = process.ended().thenAcceptAsync(exit -> ended(entry, process, exit), engine.workers());
    }

    private void ended(ContainerEntry entry, ManagedProcess process, ProcessExit exit) {
        try {
            var told = exit.oomKilled() || !mayBeOom(exit) || !oomKilled(entry) ? exit : withOom(exit);
            var started = entry.startedAt();
            entry.exited(told);
            records.ended(entry.id, new RunRecord(started, told));
            deleteTask(entry);
        } catch (RuntimeException e) {
            log.warn("what container {} left behind will be taken away later: {}", entry.id, e.getMessage());
        } finally {
            process.stdio().close();
            entry.settle();
        }
    }

    private static boolean mayBeOom(ProcessExit exit) {
        return exit.outcome() instanceof ExitOutcome.Code(int code) && code == 137;
    }

    private static ProcessExit withOom(ProcessExit e) {
        return new ProcessExit(e.outcome(), e.stdoutBytes(), e.stderrBytes(), e.drain(), true, e.exitedAt(), e.times());
    }

    /** Asks the cgroup, which is there until the task is deleted: the event about it may come later than the exit. */
    private boolean oomKilled(ContainerEntry entry) {
        try {
            return engine
                    .client()
                    .tasks(ContainerdClient.QUICK)
                    .metrics(MetricsRequest.newBuilder()
                            .addFilters("id==" + entry.id)
                            .build())
                    .getMetricsList()
                    .stream()
                    .anyMatch(metric -> CgroupMetrics.oomKills(metric.getData()) > 0);
        } catch (StatusRuntimeException e) {
            log.debug("no metrics of {}: {}", entry.id, e.getStatus());
            return false;
        }
    }

    /** Takes a task that does not run away; none there is fine. */
    void deleteTask(ContainerEntry entry) {
        try {
            engine.client()
                    .tasks(ContainerdClient.SLOW)
                    .delete(DeleteTaskRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                throw ContainerdFailures.from(
                        e,
                        "delete the task of container " + entry.id.shortForm(),
                        engine.settings().socket());
            }
        }
    }

    private Path fifos(ContainerEntry entry) {
        return engine.settings().fifoDir().resolve(entry.id.value());
    }
}
