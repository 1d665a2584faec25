package dev.hawse.containerd;

import dev.hawse.containerd.oci.OciProcess;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.runtime.WaitCondition;
import dev.hawse.stream.Spool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
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
    final OciProcess ociProcess;

    /** Start, stop, pause, resume, remove and rename one after the other. Never held by whoever only tells of an end. */
    final ReentrantLock turns = new ReentrantLock(true);

    /** Commands being started: more at once make the shim collapse. */
    final StartGate execStarts;

    private String name;
    private String toldName;
    private ContainerState state = ContainerState.CREATED;
    private long pid;
    private @Nullable Instant startedAt;
    private @Nullable ProcessExit lastExit;
    private @Nullable RunMark mark;
    private boolean oomKilled;
    private @Nullable ManagedProcess process;
    private Spool spool = Spool.block(SPOOL_BYTES);
    private @Nullable TerminalSize sizeAtStart;
    private long oomKills;
    private Waiters<ProcessExit> nextExit = new Waiters<>();
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);
    private final Waiters<ProcessExit> removal = new Waiters<>();
    private final List<EarlyInput> earlyInput = new ArrayList<>();
    private boolean gone;

    /**
     * Something done to the input before there is a process.
     *
     * @param otherwise what to do when there will be none
     */
    private record EarlyInput(Consumer<Stdio> deed, Runnable otherwise) {
        void on(Stdio stdio) {
            try {
                deed.accept(stdio);
            } catch (RuntimeFailure e) {
                otherwise.run();
            }
        }
    }

    ContainerEntry(
            ContainerId id,
            String name,
            String namespace,
            String image,
            String imageDigest,
            String snapshotter,
            Instant createdAt,
            ContainerSpec spec,
            OciProcess ociProcess,
            int maxStarts) {
        this.id = id;
        this.name = name;
        this.toldName = name;
        this.namespace = namespace;
        this.image = image;
        this.imageDigest = imageDigest;
        this.snapshotter = snapshotter;
        this.createdAt = createdAt;
        this.spec = spec;
        this.ociProcess = ociProcess;
        this.execStarts = new StartGate(maxStarts);
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

    /** Whether this name is another than the one that listeners know; they know it from now on. */
    synchronized boolean toldName(String newName) {
        var news = !toldName.equals(newName);
        toldName = newName;
        return news;
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

    /** A hold on the run in hand, or on the one to come. */
    synchronized AttachedSession attach(boolean lossless, OutputSink sink) {
        if (state == ContainerState.EXITED) {
            throw RuntimeFailure.containerState(id, state, "start it to attach to it");
        }
        var reader = lossless ? spool.readLossless(sink) : spool.readLossy(sink);
        return new AttachedSession(this, spool, reader);
    }

    /** The run has ended, and nobody may keep its end from being told: who reads too slowly misses bytes and is told so. */
    void letReadersMiss(ManagedProcess main) {
        Spool run;
        synchronized (this) {
            if (process != main) {
                return;
            }
            run = spool;
        }
        run.letReadersMiss();
    }

    /** The process of a run; null before its start and after its end. */
    synchronized @Nullable ManagedProcess processOf(Spool run) {
        return run == spool ? process : null;
    }

    /** Changes the size of a run's terminal, which may not be there yet. */
    void resize(Spool run, TerminalSize size) {
        ManagedProcess now;
        synchronized (this) {
            if (run != spool) {
                return;
            }
            sizeAtStart = size;
            now = process;
        }
        if (now != null) {
            now.resizeSoon(size);
        }
    }

    /**
     * Does something to a run's input, now or as soon as it has begun.
     *
     * @param otherwise what to do when the run is over
     */
    void input(Spool run, Consumer<Stdio> deed, Runnable otherwise) {
        ManagedProcess now;
        boolean over;
        synchronized (this) {
            now = process;
            over = run != spool || gone;
            if (!over && now == null) {
                earlyInput.add(new EarlyInput(deed, otherwise));
            }
        }
        if (over) {
            otherwise.run();
        } else if (now != null) {
            deed.accept(now.stdio());
        }
    }

    synchronized @Nullable TerminalSize sizeAtStart() {
        return sizeAtStart != null ? sizeAtStart : spec.io().size();
    }

    /** The main process runs. {@link #settled()} is open until its end has been dealt with. */
    void started(ManagedProcess main, long newPid, Instant at, ContainerState now) {
        List<EarlyInput> early;
        synchronized (this) {
            process = main;
            pid = newPid;
            startedAt = at;
            state = now;
            oomKilled = false;
            oomKills = 0;
            settled = new CompletableFuture<>();
            early = List.copyOf(earlyInput);
            earlyInput.clear();
        }
        early.forEach(input -> input.on(main.stdio()));
    }

    /** The main process has ended; whoever waits for that is told. */
    void exited(ProcessExit exit) {
        Waiters<ProcessExit> told;
        synchronized (this) {
            state = ContainerState.EXITED;
            pid = 0;
            lastExit = exit;
            oomKilled |= exit.oomKilled();
            spool = Spool.block(SPOOL_BYTES);
            process = null;
            told = nextExit;
            nextExit = new Waiters<>();
        }
        told.tell(exit);
    }

    /** What is left of the last run has been taken away: another may begin. */
    void settle() {
        CompletableFuture<Void> done;
        synchronized (this) {
            done = settled;
        }
        done.complete(null);
    }

    /** What a start that failed has left is still being taken away: another may begin when that is over. */
    void settleAfter(CompletableFuture<Void> cleared) {
        var open = new CompletableFuture<Void>();
        synchronized (this) {
            settled = open;
        }
        var _ = cleared.whenComplete((_, _) -> open.complete(null));
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

    /** What the record said when it was read: a run began whose end nobody has noted. */
    synchronized void marked(RunMark found) {
        mark = found;
    }

    synchronized @Nullable RunMark mark() {
        return mark;
    }

    synchronized @Nullable Instant startedAt() {
        return startedAt;
    }

    synchronized void oomKilled() {
        oomKilled = true;
        if (process != null) {
            process.oomKilled();
        }
    }

    /** Remembers how often the out-of-memory killer has struck, and says whether it is more often than before. */
    synchronized boolean moreOomKills(long count) {
        var more = count > oomKills;
        oomKills = Math.max(oomKills, count);
        return more;
    }

    /** See {@link dev.hawse.runtime.ContainerOperations#await}. */
    synchronized CompletableFuture<@Nullable ProcessExit> await(WaitCondition condition) {
        return switch (condition) {
            case NOT_RUNNING -> running() ? nextExit.add() : CompletableFuture.completedFuture(lastExit);
            case NEXT_EXIT -> gone ? CompletableFuture.completedFuture(lastExit) : nextExit.add();
            case REMOVED -> gone ? CompletableFuture.completedFuture(lastExit) : removal.add();
        };
    }

    /** The container is gone; whoever waits for it, its end or its start is told. */
    void removed() {
        leave("the container was removed");
        nextExit.tell(lastExit);
        removal.tell(lastExit);
    }

    /** The server is about to leave: what it holds of the process's streams is freed. */
    void closeDescriptors() {
        var now = process();
        if (now != null) {
            now.stdio().closeDescriptors();
        }
    }

    /** The server leaves; the container does not, but nobody here will be told any more of it. */
    void abandon() {
        leave("this server was closed; the process is not touched");
        var failure = RuntimeFailure.of(Reason.SHUTTING_DOWN, "the server was closed", Map.of("container", id.value()));
        nextExit.fail(failure);
        removal.fail(failure);
    }

    private void leave(String why) {
        List<EarlyInput> early;
        synchronized (this) {
            gone = true;
            early = List.copyOf(earlyInput);
            earlyInput.clear();
        }
        early.forEach(input -> input.otherwise().run());
        spool().finish(ProcessExit.lost(why, spool().head()));
    }
}
