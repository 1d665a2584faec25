package dev.hawse.containerd;

import com.google.protobuf.Empty;
import dev.hawse.containerd.api.services.tasks.v1.GetRequest;
import dev.hawse.containerd.api.services.tasks.v1.ListTasksRequest;
import dev.hawse.containerd.api.types.task.Process;
import dev.hawse.containerd.api.types.task.Status;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.containerd.image.ContainerdImages;
import dev.hawse.runtime.Capability;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.EventListener;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ImageOperations;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeInfo;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.stream.LogStore;
import dev.hawse.sys.Reactor;
import dev.hawse.sys.Reactors;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * {@link ContainerRuntime} on containerd. Everything lives in one namespace of containerd's; others are never written.
 *
 * <p>Opening it does not need containerd to be there: it connects when it can, takes over what runs already, and does both
 * anew each time containerd comes back. Closing it leaves containers running.
 */
public final class ContainerdRuntime implements ContainerRuntime {

    private static final Logger log = LoggerFactory.getLogger(ContainerdRuntime.class);
    private static final Duration PROBE = Duration.ofSeconds(1);

    private final Engine engine;
    private final ContainerNews news;
    private final ContainerIndex index;
    private final ContainerRecords records;
    private final Reactor logReader;
    private final LogStore logs;
    private final MainProcesses processes;
    private final ContainerRemoval removal;
    private final ContainerdContainers containers;
    private final ContainerdExecs execs;
    private final TaskRemoval taskRemoval;
    private final Snapshotter snapshotter;
    private final ContainerdImages images;
    private final EventPump events;
    private final AtomicBoolean answering = new AtomicBoolean(true);
    private volatile boolean closed;

    private ContainerdRuntime(Engine engine, Reactor logReader, LogStore logs, LogProgram logProgram) {
        var settings = engine.settings();
        this.engine = engine;
        this.logReader = logReader;
        this.events = new EventPump(engine, this::sync, this::heard, this::isRename);
        this.news = new ContainerNews(events);
        this.index = new ContainerIndex(news);
        this.records = new ContainerRecords(engine);
        this.logs = logs;
        this.taskRemoval = new TaskRemoval(engine);
        var oomKiller = new OomKiller(engine);
        this.processes = new MainProcesses(engine, records, logs, logProgram, news, taskRemoval, oomKiller);
        this.snapshotter = new Snapshotter(engine.client(), settings.snapshotter());
        this.images = new ContainerdImages(engine.client(), snapshotter);
        var creation = new ContainerCreation(engine, index, records, images, snapshotter);
        var ending = new ContainerEnding(engine);
        this.removal = new ContainerRemoval(index, records, creation, processes, ending, logs);
        this.containers = new ContainerdContainers(engine, index, records, creation, processes, ending, removal, logs);
        this.execs = new ContainerdExecs(engine, index, taskRemoval, oomKiller, news);
    }

    /**
     * Opens the adapter and begins to connect.
     *
     * @param loops which are to read and write FIFOs beside their own work; none for a thread that does only that
     */
    public static ContainerdRuntime open(ContainerdSettings settings, List<? extends Reactor.Host> loops)
            throws IOException {
        Stdio.makeRoot(settings.fifoDir());
        var logProgram = LogProgram.install(settings.logs());
        var reactors = Reactors.open(loops, "hawse-fifos", e -> log.error("a FIFO's handler failed", e));
        // Of its own, since it may wait for a disk.
        var reader = Reactor.open("hawse-logs", e -> log.error("a log's handler failed", e));
        var timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("hawse-timer").factory(), new ThreadPoolExecutor.DiscardPolicy());
        timer.setRemoveOnCancelPolicy(true);
        timer.prestartCoreThread();
        var workers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("containerd-", 0).factory());
        var client = new ContainerdClient(settings.socket(), settings.namespace());
        var logs = new LogStore(settings.logs().dir(), workers, reader);
        var runtime =
                new ContainerdRuntime(new Engine(client, settings, reactors, timer, workers), reader, logs, logProgram);
        runtime.events.subscribe();
        var every = settings.resyncInterval().toNanos();
        var _ = timer.scheduleWithFixedDelay(runtime::resync, every, every, TimeUnit.NANOSECONDS);
        return runtime;
    }

    /** Completes when what runs has been taken over for the first time. */
    public CompletableFuture<Void> synced() {
        return index.opening();
    }

    @Override
    public RuntimeKind kind() {
        return RuntimeKind.CONTAINERD;
    }

    @Override
    public RuntimeInfo probe() {
        var began = System.nanoTime();
        String version = "";
        String unavailable = null;
        var latency = Duration.ZERO;
        try {
            version = engine.client()
                    .version(PROBE)
                    .version(Empty.getDefaultInstance())
                    .getVersion();
            latency = Duration.ofNanos(System.nanoTime() - began);
        } catch (StatusRuntimeException e) {
            unavailable = ContainerdFailures.unavailable(e, engine.settings().socket());
        }
        return new RuntimeInfo(
                RuntimeKind.CONTAINERD,
                "unix:" + engine.settings().socket(),
                version,
                unavailable,
                latency,
                EnumSet.allOf(Capability.class),
                engine.settings().namespace(),
                snapshotter.known(),
                engine.settings().ociRuntimeNames());
    }

    @Override
    public ContainerOperations containers() {
        return containers;
    }

    @Override
    public ExecOperations execs() {
        return execs;
    }

    @Override
    public ImageOperations images() {
        return images;
    }

    @Override
    public Registration events(EventListener listener) {
        return events.listen(listener);
    }

    /** Events may be lost, and a wait may hang that nobody answers any more. */
    private void resync() {
        if (index.isOpen() && !closed) {
            engine.workers().execute(this::sync);
        }
    }

    /**
     * Compares what is known with what there is: adds what is new, strikes off what is gone, takes over what runs.
     *
     * @return whether containerd answered
     */
    private synchronized boolean sync() {
        // Asked first: what is made while the lists are on their way is not missing from them.
        var known = index.known();
        var listed = events.listing();
        try {
            var tasks = tasks();
            var there = records();
            for (var entry : known) {
                var task = tasks.get(entry.id.value());
                if (!there.containsKey(entry.id)) {
                    engine.workers().execute(() -> removal.vanished(entry));
                } else {
                    compare(entry, task);
                }
            }
            var added = new ArrayList<ContainerEntry>();
            for (var found : there.values()) {
                if (index.add(found) == found) {
                    added.add(found);
                    adopt(found, tasks.get(found.id.value()));
                }
            }
            var exist = known.stream().map(e -> e.id.value()).collect(Collectors.toSet());
            there.keySet().forEach(id -> exist.add(id.value()));
            listed.accept(exist);
            if (!index.isOpen()) {
                new Leftovers(engine, records, logs, taskRemoval).sweep(index.known(), tasks.values());
                index.opened();
            } else if (!added.isEmpty()) {
                // Removed here while the lists were on their way.
                var still = records();
                added.stream().filter(e -> !still.containsKey(e.id)).forEach(removal::vanished);
            }
            if (!answering.getAndSet(true)) {
                log.info("containerd at {} answers again", engine.settings().socket());
            }
            return true;
        } catch (StatusRuntimeException e) {
            // Asked every second until it answers: once is enough.
            log.atLevel(answering.getAndSet(false) && !closed ? Level.WARN : Level.DEBUG)
                    .log(
                            "{}",
                            ContainerdFailures.unavailable(e, engine.settings().socket()));
        } catch (RuntimeException e) {
            log.error("what runs on containerd could not be taken over", e);
        }
        return false;
    }

    private Map<String, Process> tasks() {
        return engine
                .client()
                .tasks(ContainerdClient.QUICK)
                .list(ListTasksRequest.getDefaultInstance())
                .getTasksList()
                .stream()
                .collect(Collectors.toMap(Process::getId, Function.identity(), (a, b) -> a));
    }

    private Map<ContainerId, ContainerEntry> records() {
        return records.list().stream().collect(Collectors.toMap(e -> e.id, Function.identity()));
    }

    /** Somebody says that a container is in a state; news of what was done here may be older than what is known. */
    private void differs(ContainerEntry entry, ContainerState told) {
        if (entry.running() && entry.state() != told) {
            engine.workers().execute(() -> containers.refresh(entry));
        }
    }

    /** The list may be older than what is known: whoever is asked because of it finds that nothing has happened. */
    private void compare(ContainerEntry entry, @Nullable Process task) {
        var process = entry.process();
        if (process != null && (task == null || task.getStatus() == Status.STOPPED)) {
            process.recheck();
        }
        if (task != null) {
            differs(entry, TaskStates.of(task));
            startedElsewhere(entry, task);
        }
    }

    private void adopt(ContainerEntry entry, @Nullable Process task) {
        var mark = entry.mark();
        if (task == null && mark != null) {
            processes.adoptLost(entry, mark);
            news.notRunning(entry);
        } else if (task == null) {
            news.notRunning(entry);
        } else if (task.getStatus() == Status.CREATED) {
            processes.undoStart(entry);
            news.notRunning(entry);
        } else {
            processes.adopt(entry, task.getPid(), TaskStates.of(task));
            differs(entry, ContainerState.RUNNING);
        }
    }

    /** Somebody else has started a container, or a start was thought to have failed that has not. */
    private void startedElsewhere(ContainerEntry entry, Process task) {
        if (entry.running() || TaskStates.of(task) == ContainerState.EXITED || task.getStatus() == Status.CREATED) {
            return;
        }
        engine.workers().execute(() -> {
            // Whoever has the turn may be about to start it, or to clear it away: the next list will tell.
            if (!entry.turns.tryLock()) {
                return;
            }
            try {
                if (!entry.running() && entry.settled().isDone() && index.peek(entry.id.value()) == entry) {
                    adoptIfRunning(entry);
                }
            } catch (RuntimeException e) {
                log.debug("container {} was not taken over: {}", entry.id, e.getMessage());
            } finally {
                entry.turns.unlock();
            }
        });
    }

    private void adoptIfRunning(ContainerEntry entry) {
        var task = engine.client()
                .tasks(ContainerdClient.QUICK)
                .get(GetRequest.newBuilder().setContainerId(entry.id.value()).build())
                .getProcess();
        if (task.getStatus() == Status.RUNNING || task.getStatus() == Status.PAUSED) {
            log.info("container {} was started by somebody else", entry.id);
            processes.adopt(entry, task.getPid(), TaskStates.of(task));
        }
    }

    private boolean isRename(String id, String name) {
        var entry = index.peek(id);
        return entry != null && entry.toldName(name);
    }

    private void heard(RuntimeEvent event) {
        var entry = event.containerId() == null ? null : index.peek(event.containerId());
        if (entry == null) {
            return;
        }
        switch (event.type()) {
            case CONTAINER_PAUSED -> differs(entry, ContainerState.PAUSED);
            case CONTAINER_RESUMED -> differs(entry, ContainerState.RUNNING);
            case CONTAINER_OOM -> entry.oomKilled();
            case CONTAINER_REMOVED -> engine.workers().execute(() -> removal.vanished(entry));
            case CONTAINER_STARTED -> {
                // Starts of ours tell of themselves.
                if (!entry.running() && !entry.turns.isLocked()) {
                    engine.workers().execute(this::sync);
                }
            }
            case CONTAINER_CREATED,
                    CONTAINER_EXITED,
                    CONTAINER_UPDATED,
                    EXEC_STARTED,
                    EXEC_EXITED,
                    IMAGE_UPDATED,
                    IMAGE_REMOVED -> {}
        }
    }

    @Override
    public void close() {
        closed = true;
        events.close();
        engine.timer().shutdownNow();
        engine.client().close();
        execs.closeDescriptors();
        index.known().forEach(ContainerEntry::closeDescriptors);
        logs.close();
        // From here on nothing is read any more: what comes is in the logs, or waits in the FIFOs for the next server.
        engine.reactors().close();
        logReader.close();
        index.known().forEach(ContainerEntry::abandon);
        engine.workers().shutdown();
    }
}
