package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.MountsRequest;
import dev.hawse.containerd.api.services.tasks.v1.CreateTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.StartRequest;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.stream.LogStore;
import dev.hawse.stream.LogTail;
import dev.hawse.stream.Spool;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts containers' main processes, finds those that run already, and puts things in order when they end. */
final class MainProcesses {

    private static final Logger log = LoggerFactory.getLogger(MainProcesses.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int CLEARINGS = 600;

    private final Engine engine;
    private final ContainerRecords records;
    private final LogStore logs;
    private final LogProgram program;
    private final ContainerNews news;
    private final TaskRemoval tasks;
    private final OomKiller oomKiller;

    MainProcesses(
            Engine engine,
            ContainerRecords records,
            LogStore logs,
            LogProgram program,
            ContainerNews news,
            TaskRemoval tasks,
            OomKiller oomKiller) {
        this.engine = engine;
        this.program = program;
        this.records = records;
        this.logs = logs;
        this.news = news;
        this.tasks = tasks;
        this.oomKiller = oomKiller;
    }

    /** Starts a container that does not run. The caller holds its turn. */
    void start(ContainerEntry entry) {
        var began = System.nanoTime();
        tasks.delete(entry.id);
        FailPoint.at("start.cleared");
        try (var undo = new Undo()) {
            var mounts = engine.client()
                    .snapshots()
                    .mounts(MountsRequest.newBuilder()
                            .setSnapshotter(entry.snapshotter)
                            .setKey(entry.id.value())
                            .build())
                    .getMountsList();
            var spool = entry.spool();
            var tail = logs.followNextRun(entry.id, spool);
            undo.add("read the log of " + entry.id + " no more", tail::close);
            var io = entry.spec.io();
            var output = output(entry, tail, io.stdin() && !io.terminal());
            var stdio = Stdio.make(engine, fifos(entry), io, output, closeIo(entry));
            undo.add("free the FIFOs of " + entry.id, stdio::close);
            FailPoint.at("start.fifos");
            var process = process(entry, spool, stdio);
            // Before there is one: an answer that is lost on its way leaves a task all the same.
            undo.add("delete the task of " + entry.id, () -> entry.settleAfter(tasks.killAndDelete(entry.id)));
            var created = engine.client()
                    .tasks(engine.settings().startTimeout())
                    .create(CreateTaskRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .addAllRootfs(mounts)
                            .setStdin(stdio.stdinPath())
                            .setStdout(stdio.stdoutPath())
                            .setStderr(stdio.stderrPath())
                            .setTerminal(io.terminal())
                            .build());
            BindSources.checkMounted(
                    entry.spec, created.getPid(), engine.settings().bindPolicy());
            FailPoint.at("start.created");
            var size = entry.sizeAtStart();
            if (size != null) {
                process.resize(size);
            }
            process.watch();
            var mark = RunMark.now();
            var marked = CompletableFuture.runAsync(() -> records.begins(entry.id, mark), engine.workers());
            undo.add("note that " + entry.id + " did not start", () -> {
                awaitMark(entry, marked);
                records.didNotBegin(entry.id);
            });
            engine.client()
                    .tasks(engine.settings().startTimeout())
                    .start(StartRequest.newBuilder()
                            .setContainerId(entry.id.value())
                            .build());
            FailPoint.at("start.started");
            awaitMark(entry, marked);
            undo.keep();
            // The time of the mark: the same for whoever takes this run over, and before its end, however short it is.
            begin(entry, process, created.getPid(), mark.startedAt(), ContainerState.RUNNING);
            process.started(Duration.ZERO, Duration.ofNanos(System.nanoTime() - began));
        } catch (StatusRuntimeException e) {
            throw SpawnFailures.ofContainer(e, entry.id, engine.settings().socket());
        } catch (IOException e) {
            throw ContainerdFailures.streams(e, "container " + entry.id.shortForm());
        }
    }

    /** The note is made while the runtime works, so that nobody waits for it; before the run's end it must be there. */
    private static void awaitMark(ContainerEntry entry, CompletableFuture<Void> marked) {
        marked.exceptionally(e -> {
                    log.warn("a restart of the host will not be told of this run of {}: {}", entry.id, e.getMessage());
                    return null;
                })
                .join();
    }

    /** Shims start loggers only for processes without input, and for those with a terminal. */
    private ProcessOutput output(ContainerEntry entry, LogTail tail, boolean byFifos) throws IOException {
        var folder = logs.folder(entry.id);
        return byFifos
                ? LoggedOutput.byFifos(
                        tail, program, folder, fifos(entry), entry.spec.io().terminal())
                : LoggedOutput.byShim(
                        tail,
                        program.uri(folder),
                        entry.spec.io().terminal(),
                        () -> engine.workers().execute(() -> LogProgram.end(folder)));
    }

    private ManagedProcess process(ContainerEntry entry, Spool spool, Stdio stdio) {
        return new ManagedProcess(
                engine, entry.id, null, spool, stdio, DrainPolicy.CONFIGURED, () -> oomKiller.hasStruck(entry));
    }

    /**
     * Takes over a main process that was started in an earlier life of this server, whether it still runs or not. What it
     * wrote meanwhile is in its log.
     */
    void adopt(ContainerEntry entry, long pid, ContainerState state) {
        var spool = entry.spool();
        var process = process(entry, spool, reopen(entry, spool));
        process.watch();
        begin(entry, process, pid, startTime(entry, pid), state);
        process.started(Duration.ZERO, Duration.ZERO);
    }

    /** The FIFOs were made for this run, a moment before its start. */
    private Instant startTime(ContainerEntry entry, long pid) {
        var mark = entry.mark();
        if (mark != null) {
            return mark.startedAt();
        }
        try {
            return Files.getLastModifiedTime(fifos(entry)).toInstant();
        } catch (IOException e) {
            return ProcFs.startTime(pid).orElse(entry.createdAt);
        }
    }

    private Stdio reopen(ContainerEntry entry, Spool spool) {
        var dir = fifos(entry);
        ProcessOutput output = new NoOutput();
        try {
            output = output(entry, logs.followNow(entry.id, spool), Files.exists(dir.resolve("stdout")));
            return Stdio.reopen(engine, dir, entry.spec.io(), output, closeIo(entry));
        } catch (IOException e) {
            log.warn("the streams of container {} are lost from now on, its end is not: {}", entry.id, e.getMessage());
            return Stdio.absent(dir, output);
        }
    }

    private void begin(ContainerEntry entry, ManagedProcess process, long pid, Instant at, ContainerState state) {
        entry.started(process, pid, at, state);
        news.started(entry, pid, at);
        var _ = process.ended().thenAcceptAsync(exit -> ended(entry, process, pid, exit), engine.workers());
    }

    private void ended(ContainerEntry entry, ManagedProcess process, long pid, ProcessExit exit) {
        var record = new RunRecord(entry.startedAt(), exit);
        entry.exited(exit);
        news.ended(entry, pid, exit);
        FailPoint.at("end.told");
        clearAway(entry, process, record, 1);
    }

    /** Again and again while containerd is away: nobody starts the container anew before it is done. */
    private void clearAway(ContainerEntry entry, ManagedProcess process, RunRecord record, int attempt) {
        try {
            records.ended(entry.id, record);
            FailPoint.at("end.recorded");
            tasks.delete(entry.id);
            FailPoint.at("end.deleted");
        } catch (RuntimeException e) {
            if (attempt < CLEARINGS && ContainerdFailures.mayPass(e)) {
                log.debug("what container {} left behind stays for now", entry.id, e);
                Runnable again = () -> clearAway(entry, process, record, attempt + 1);
                var _ = engine.timer()
                        .schedule(() -> engine.workers().execute(again), PAUSE.toNanos(), TimeUnit.NANOSECONDS);
                return;
            }
            log.warn("what container {} left behind will be taken away later: {}", entry.id, e.getMessage());
        }
        process.stdio().close();
        entry.settle();
    }

    /**
     * A container of which the runtime knows no task, found by this life of the server: when it was started and nobody has
     * noted its end, it ended in a way that nobody can tell.
     */
    void adoptLost(ContainerEntry entry, RunMark mark) {
        log.warn("container {} is lost: {}", entry.id, mark.lossReason());
        var exit = new ProcessExit(
                new ExitOutcome.Lost(mark.lossReason()), 0, 0, DrainState.HELD, false, null, PhaseTimes.NONE);
        entry.recall(mark.startedAt(), exit);
        engine.workers()
                .execute(() -> note(entry, () -> records.ended(entry.id, new RunRecord(mark.startedAt(), exit))));
    }

    /** A start that was cut off between its two halves: undone. */
    void undoStart(ContainerEntry entry) {
        log.info("the start of container {} was cut off and is undone", entry.id);
        var cleared = new CompletableFuture<Void>();
        entry.settleAfter(cleared);
        engine.workers().execute(() -> {
            note(entry, () -> records.didNotBegin(entry.id));
            var _ = tasks.killAndDelete(entry.id).whenComplete((_, _) -> cleared.complete(null));
        });
    }

    private static void note(ContainerEntry entry, Runnable update) {
        try {
            update.run();
        } catch (StatusRuntimeException e) {
            log.warn("the record of container {} could not be changed: {}", entry.id, e.getStatus());
        }
    }

    /** Takes away the task of a container that does not run; none there is fine. */
    void deleteTask(ContainerEntry entry) {
        tasks.delete(entry.id);
    }

    private Runnable closeIo(ContainerEntry entry) {
        return new TaskCalls(engine, entry.id, null)::closeIoSoon;
    }

    private Path fifos(ContainerEntry entry) {
        return engine.settings().fifoDir().resolve(entry.id.value());
    }
}
