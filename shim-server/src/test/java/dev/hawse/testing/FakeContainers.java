package dev.hawse.testing;

import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerProcess;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.runtime.WaitCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Containers in memory; every call is under one lock, but for those that tell of the end of a process. */
final class FakeContainers implements ContainerOperations {

    private final FakeRuntime runtime;
    private final FakeImages images;
    private final Map<ContainerId, FakeContainer> containers = new ConcurrentHashMap<>();

    FakeContainers(FakeRuntime runtime, FakeImages images) {
        this.runtime = runtime;
        this.images = images;
    }

    @Override
    public synchronized Created create(ContainerSpec spec) {
        runtime.check();
        var image = images.get(spec.image());
        var id = ContainerId.random();
        var name = spec.name().isEmpty() ? "fake-" + id.shortForm() : spec.name();
        requireFree(name);
        var container =
                new FakeContainer(runtime, id, spec.toBuilder().name(name).build(), image);
        containers.put(id, container);
        runtime.tell(RuntimeEvent.Type.CONTAINER_CREATED, id.value(), null, null, null);
        return new Created(container.describe(), List.of());
    }

    @Override
    public Container start(ContainerId id) {
        var container = require(id);
        runtime.awaitRelease();
        synchronized (this) {
            container.start();
            return container.describe();
        }
    }

    @Override
    public Stopped stop(ContainerId id, @Nullable Duration grace, @Nullable Signal signal) {
        var container = require(id);
        var running = container.running();
        if (running) {
            container.process().signal(signal == null ? Signal.TERM : signal, SignalScope.PROCESS);
        }
        return new Stopped(container.describe(), running && grace != null && grace.isZero());
    }

    @Override
    public void kill(ContainerId id, Signal signal, boolean all) {
        requireRunning(id);
        require(id).process().signal(signal, SignalScope.PROCESS);
    }

    @Override
    public Container restart(ContainerId id, @Nullable Duration grace, @Nullable Signal signal) {
        stop(id, grace, signal);
        return start(id);
    }

    @Override
    public Container pause(ContainerId id) {
        return setPaused(id, ContainerState.RUNNING, true);
    }

    @Override
    public Container resume(ContainerId id) {
        return setPaused(id, ContainerState.PAUSED, false);
    }

    private synchronized Container setPaused(ContainerId id, ContainerState needed, boolean paused) {
        var container = require(id);
        var state = container.describe().state();
        if (state != needed) {
            throw RuntimeFailure.containerState(id, state, "it must be " + needed);
        }
        container.paused = paused;
        runtime.tell(
                paused ? RuntimeEvent.Type.CONTAINER_PAUSED : RuntimeEvent.Type.CONTAINER_RESUMED,
                id.value(),
                null,
                null,
                null);
        return container.describe();
    }

    @Override
    public void remove(ContainerId id, boolean force) {
        var container = require(id);
        if (container.running()) {
            if (!force) {
                throw RuntimeFailure.containerState(id, container.describe().state(), "stop it first, or force");
            }
            container.process().signal(Signal.KILL, SignalScope.PROCESS);
        }
        containers.remove(id);
        container.removed.complete(container.lastExit());
        runtime.tell(RuntimeEvent.Type.CONTAINER_REMOVED, id.value(), null, null, null);
    }

    @Override
    public synchronized Container rename(ContainerId id, String name) {
        var container = require(id);
        requireFree(name);
        container.spec = container.spec.toBuilder().name(name).build();
        return container.describe();
    }

    @Override
    public Container get(String idOrName) {
        runtime.check();
        var found = containers.values().stream()
                .map(FakeContainer::describe)
                .filter(c -> c.name().equals(idOrName) || c.id().value().startsWith(idOrName))
                .toList();
        return switch (found.size()) {
            case 0 -> throw RuntimeFailure.containerNotFound(idOrName);
            case 1 -> found.getFirst();
            default -> throw RuntimeFailure.of(Reason.AMBIGUOUS_ID, "several ids begin with " + idOrName);
        };
    }

    @Override
    public List<Container> list() {
        runtime.check();
        return containers.values().stream()
                .map(FakeContainer::describe)
                .sorted(Comparator.comparing(Container::createdAt).reversed())
                .toList();
    }

    @Override
    public CompletableFuture<@Nullable ProcessExit> await(ContainerId id, WaitCondition condition) {
        return require(id).await(condition);
    }

    @Override
    public List<ContainerProcess> processes(ContainerId id) {
        requireRunning(id);
        var container = require(id);
        return List.of(new ContainerProcess(
                container.process().pid(), 1, 0, container.spec.args(), Instant.now(), Duration.ZERO, 4096, "S", null));
    }

    @Override
    public ProcessSession attach(ContainerId id, @Nullable TerminalSize size, boolean lossless, OutputSink sink) {
        var container = require(id);
        var state = container.describe().state();
        if (state == ContainerState.EXITED) {
            throw RuntimeFailure.containerState(id, state, "start it first");
        }
        if (size != null) {
            container.process().resize(size);
        }
        return container.process().session(sink, false);
    }

    @Override
    public LogSession logs(ContainerId id, LogQuery query, LogSink sink) {
        return new FakeLogSession(require(id).process(), query, sink);
    }

    FakeProcess mainProcess(ContainerId id) {
        return require(id).process();
    }

    void requireRunning(ContainerId id) {
        var state = require(id).describe().state();
        if (state != ContainerState.RUNNING) {
            throw RuntimeFailure.containerState(id, state, "it must run");
        }
    }

    private FakeContainer require(ContainerId id) {
        runtime.check();
        var container = containers.get(id);
        if (container == null) {
            throw RuntimeFailure.containerNotFound(id.value());
        }
        return container;
    }

    private void requireFree(String name) {
        if (containers.values().stream().anyMatch(c -> c.spec.name().equals(name))) {
            throw RuntimeFailure.of(
                    Reason.NAME_IN_USE, "name: another container is called " + name, Map.of("container", name));
        }
    }
}
