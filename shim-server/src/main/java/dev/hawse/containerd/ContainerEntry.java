package dev.hawse.containerd;

import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.stream.Spool;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What this server knows of one container. What never changes is public to the package; what changes is read and written
 * under the monitor, for moments only. Operations that take longer take turns by {@link #turns}.
 */
final class ContainerEntry {

    /** How far a reader of the main process's output may fall behind. */
    private static final long SPOOL_BYTES = 1 << 20;

    final ContainerId id;
    final String namespace;
    final String image;
    final String imageDigest;
    final String snapshotter;
    final Instant createdAt;
    final ContainerSpec spec;
    /** The process of the OCI spec, from which commands are made. */
    final byte[] ociProcess;

    /** Start, stop, pause, resume, remove and rename one after the other. Never held by whoever only tells of an end. */
    final ReentrantLock turns = new ReentrantLock(true);

    /** Commands being started: more at once make the shim collapse. */
    final Semaphore execStarts;

    private String name;
    private ContainerState state = ContainerState.CREATED;
    private long pid;
    private @Nullable Instant startedAt;
    private @Nullable ProcessExit lastExit;
    private boolean oomKilled;
    private @Nullable ManagedProcess process;
    private Spool spool = new Spool(SPOOL_BYTES);
    private @Nullable TerminalSize sizeAtStart;
    private CompletableFuture<ProcessExit> nextExit = new CompletableFuture<>();
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);
    private final CompletableFuture<@Nullable ProcessExit> removed = new CompletableFuture<>();

    ContainerEntry(
            ContainerId id,
            String name,
            String namespace,
            String image,
            String imageDigest,
            String snapshotter,
            Instant createdAt,
            ContainerSpec spec,
            byte[] ociProcess,
            int maxStarts) {
        this.id = id;
        this.name = name;
        this.namespace = namespace;
        this.image = image;
        this.imageDigest = imageDigest;
        this.snapshotter = snapshotter;
        this.createdAt = createdAt;
        this.spec = spec;
        this.ociProcess = ociProcess;
        this.execStarts = new Semaphore(maxStarts, true);
    }

    synchronized Container snapshot() {
        var exit = running() ? null : lastExit;
        ExitOutcome outcome = exit == null ? null : exit.outcome();
        return new Container(
                id,
                name,
                RuntimeKind.CONTAINERD,
                namespace,
                image,
                imageDigest,
                state,
                running() ? pid : 0,
                createdAt,
                startedAt,
                lastExit == null ? null : lastExit.exitedAt(),
                outcome,
                oomKilled,
                Map.copyOf(spec.labels()),
                spec);
    }

    synchronized String name() {
        return name;
    }

    synchronized void name(String newName) {
        name = newName;
    }

    synchronized ContainerState state() {
        return state;
    }

    synchronized boolean running() {
        return state == ContainerState.RUNNING || state == ContainerState.PAUSED || state == ContainerState.UNKNOWN;
    }

    /** Only between running, paused and unknown: a task that has ended stays so. */
    synchronized void stateChanged(ContainerState now) {
        if (running()) {
            state = now;
        }
    }

    synchronized @Nullable ManagedProcess process() {
        return process;
    }

    /** The story of the run in hand, or of the one to come. */
    synchronized Spool spool() {
        return spool;
    }

    /** Remembers a terminal's size for the start, or answers the process that has one already. */
    synchronized @Nullable ManagedProcess sizeAtStart(TerminalSize size) {
        sizeAtStart = size;
        return running() ? process : null;
    }

    synchronized @Nullable TerminalSize sizeAtStart() {
        return sizeAtStart != null ? sizeAtStart : spec.io().size();
    }

    /** The main process runs. {@link #settled()} is open until its end has been dealt with. */
    synchronized void started(ManagedProcess main, long newPid, Instant at, ContainerState now) {
        process = main;
        pid = newPid;
        startedAt = at;
        state = now;
        oomKilled = false;
        settled = new CompletableFuture<>();
    }

    /** The main process has ended; whoever waits for that is told. */
    void exited(ProcessExit exit) {
        CompletableFuture<ProcessExit> told;
        synchronized (this) {
            state = ContainerState.EXITED;
            pid = 0;
            lastExit = exit;
            oomKilled |= exit.oomKilled();
            spool = new Spool(SPOOL_BYTES);
            process = null;
            told = nextExit;
            nextExit = new CompletableFuture<>();
        }
        told.complete(exit);
    }

    /** What is left of the last run has been taken away: another may begin. */
    void settle() {
        CompletableFuture<Void> done;
        synchronized (this) {
            done = settled;
        }
        done.complete(null);
    }

    synchronized CompletableFuture<Void> settled() {
        return settled.copy();
    }

    /** What is known of the last run, from a record written by an earlier life of this server. */
    synchronized void recall(@Nullable Instant started, ProcessExit exit) {
        state = ContainerState.EXITED;
        startedAt = started;
        lastExit = exit;
        oomKilled = exit.oomKilled();
    }

    synchronized @Nullable Instant startedAt() {
        return startedAt;
    }

    synchronized @Nullable ProcessExit lastExit() {
        return lastExit;
    }

    synchronized void oomKilled() {
        oomKilled = true;
        if (process != null) {
            process.oomKilled();
        }
    }

    synchronized CompletableFuture<ProcessExit> nextExit() {
        return nextExit.copy();
    }

    CompletableFuture<@Nullable ProcessExit> removal() {
        return removed.copy();
    }

    /** The container is gone; whoever waits for it, its end or its start is told. */
    void removed(ProcessExit never) {
        Spool unused;
        CompletableFuture<ProcessExit> told;
        ProcessExit last;
        synchronized (this) {
            unused = spool;
            told = nextExit;
            last = lastExit;
        }
        unused.finish(never);
        told.complete(last == null ? never : last);
        removed.complete(last);
    }
}
