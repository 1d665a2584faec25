package dev.hawse.testing;

import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.SpawnFailureKind;
import dev.hawse.runtime.WaitCondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A container in memory: a specification, and a process that is made anew for every run. */
final class FakeContainer {

    final CompletableFuture<@Nullable ProcessExit> removed = new CompletableFuture<>();
    volatile ContainerSpec spec;
    volatile boolean paused;

    private final FakeRuntime runtime;
    private final ContainerId id;
    private final Image image;
    private final Instant createdAt = Instant.now();
    private volatile FakeProcess process;
    private volatile CompletableFuture<@Nullable ProcessExit> nextExit = new CompletableFuture<>();
    private volatile @Nullable Instant startedAt;
    private volatile @Nullable ProcessExit lastExit;

    FakeContainer(FakeRuntime runtime, ContainerId id, ContainerSpec spec, Image image) {
        this.runtime = runtime;
        this.id = id;
        this.spec = spec;
        this.image = image;
        this.process = newProcess();
    }

    FakeProcess process() {
        return process;
    }

    @Nullable
    ProcessExit lastExit() {
        return lastExit;
    }

    boolean running() {
        return startedAt != null && process.running();
    }

    void start() {
        if (running()) {
            return;
        }
        if (!FakeProcess.knows(command())) {
            throw RuntimeFailure.of(
                    Reason.OCI_RUNTIME_FAILED,
                    command() + ": no such file",
                    Map.of("container", id.value(), "spawn_failure", SpawnFailureKind.NOT_FOUND.name()));
        }
        if (startedAt != null) {
            process = newProcess();
        }
        startedAt = Instant.now();
        runtime.tell(RuntimeEvent.Type.CONTAINER_STARTED, id.value(), null, null, null);
        process.run();
    }

    CompletableFuture<@Nullable ProcessExit> await(WaitCondition condition) {
        return switch (condition) {
            case NOT_RUNNING -> running() ? nextExit.copy() : CompletableFuture.completedFuture(lastExit);
            case NEXT_EXIT -> nextExit.copy();
            case REMOVED -> removed.copy();
        };
    }

    Container describe() {
        var exit = lastExit;
        return new Container(
                id,
                spec.name(),
                runtime.kind(),
                "fake",
                image.name(),
                image.digest(),
                state(),
                running() ? process.pid() : 0,
                createdAt,
                startedAt,
                exit == null ? null : exit.exitedAt(),
                exit == null || running() ? null : exit.outcome(),
                false,
                spec.labels(),
                spec);
    }

    private ContainerState state() {
        if (startedAt == null) {
            return ContainerState.CREATED;
        }
        if (!process.running()) {
            return ContainerState.EXITED;
        }
        return paused ? ContainerState.PAUSED : ContainerState.RUNNING;
    }

    private FakeProcess newProcess() {
        var made = new FakeProcess(command(), spec.io());
        made.onExit(exit -> {
            lastExit = exit;
            paused = false;
            var waiting = nextExit;
            nextExit = new CompletableFuture<>();
            waiting.complete(exit);
            runtime.tell(RuntimeEvent.Type.CONTAINER_EXITED, id.value(), null, null, exit.outcome());
        });
        return made;
    }

    private List<String> command() {
        return spec.args().isEmpty() ? List.of("hold") : spec.args();
    }
}
