package dev.hawse.testing;

import dev.hawse.runtime.Capability;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.EventListener;
import dev.hawse.runtime.ExecAdoption;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.ImageOperations;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeInfo;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.SpawnFailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An engine in memory, for tests of what lies above the port. Safe for use by any number of threads.
 *
 * <p>It has the image {@code busybox}. Its processes run what {@link FakeProcess} knows.
 */
public final class FakeRuntime implements ContainerRuntime {

    private final RuntimeKind kind;
    private final FakeImages images;
    private final FakeContainers containers;
    private final List<FakeProcess> execs = new CopyOnWriteArrayList<>();
    private final List<EventListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<ExecId, FakeProcess> byId = new ConcurrentHashMap<>();
    private final Set<ExecId> prepared = ConcurrentHashMap.newKeySet();
    private final Map<ExecId, CountDownLatch> heldAdoptions = new ConcurrentHashMap<>();
    private volatile @Nullable RuntimeFailure failure;
    private volatile @Nullable Doubt doubt;
    private volatile CountDownLatch held = new CountDownLatch(0);
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean closed;

    public FakeRuntime() {
        this(RuntimeKind.CONTAINERD);
    }

    public FakeRuntime(RuntimeKind kind) {
        this.kind = kind;
        this.images = new FakeImages(this);
        this.containers = new FakeContainers(this, images);
        images.add("busybox");
    }

    /** Makes every call fail, and the engine unavailable, until it is called with null. */
    public void failWith(@Nullable RuntimeFailure failure) {
        this.failure = failure;
    }

    /** What a start that is cut off fails with, and whether the command runs all the same. */
    private record Doubt(RuntimeFailure failure, boolean runs) {}

    /** Cuts every start of a command off, and does not tell what came of it before {@link #tellOfStarts}. */
    public void cutStarts(RuntimeFailure failure, boolean runs) {
        doubt = new Doubt(failure, runs);
    }

    public void tellOfStarts() {
        doubt = null;
    }

    /** Makes the adoption of a command wait for this. */
    public void holdAdoption(ExecId id, CountDownLatch until) {
        heldAdoptions.put(id, until);
    }

    /** Makes starts of commands and containers, and loads of archives, wait until {@link #release}. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    public void release() {
        held.countDown();
    }

    /** How many wait until {@link #release}. */
    public int waiting() {
        return waiting.get();
    }

    void awaitRelease() {
        await(held);
    }

    private void await(CountDownLatch latch) {
        waiting.incrementAndGet();
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** Makes every archive that is saved begin with a blank of so many bytes. */
    public void fillArchives(int bytes) {
        images.fill = bytes;
    }

    /** How many archives are being written. */
    public int saving() {
        return images.saving.get();
    }

    /** How many commands were ever executed. */
    public int executed() {
        return execs.size();
    }

    /** The command that was executed last. */
    public FakeProcess lastExec() {
        return execs.getLast();
    }

    /** The command that was executed first. */
    public FakeProcess firstExec() {
        return execs.getFirst();
    }

    /** How the command ended that was executed last; fails when it has not within 30 seconds. */
    public ProcessExit lastExit() {
        return lastExec().exit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** A container's main process, of its newest run. */
    public FakeProcess mainProcess(ContainerId id) {
        return containers.mainProcess(id);
    }

    public boolean closed() {
        return closed;
    }

    void check() {
        var now = failure;
        if (now != null) {
            throw now;
        }
    }

    public void tell(
            RuntimeEvent.Type type,
            @Nullable String container,
            @Nullable String exec,
            @Nullable String image,
            @Nullable ExitOutcome exit) {
        var event = new RuntimeEvent(type, kind, Instant.now(), container, exec, image, exit);
        listeners.forEach(listener -> listener.event(event));
    }

    @Override
    public RuntimeKind kind() {
        return kind;
    }

    @Override
    public RuntimeInfo probe() {
        var now = failure;
        return new RuntimeInfo(
                kind,
                "memory:",
                now == null ? "1.0" : "",
                now == null ? null : now.getMessage(),
                now == null ? Duration.ofMillis(1) : Duration.ZERO,
                EnumSet.allOf(Capability.class),
                "fake",
                "memory",
                List.of("runc"));
    }

    @Override
    public ContainerOperations containers() {
        return containers;
    }

    @Override
    public ImageOperations images() {
        return images;
    }

    @Override
    public ExecOperations execs() {
        return new ExecOperations() {
            @Override
            public CompletableFuture<ExecStart> start(
                    ContainerId container, ExecId id, ExecSpec spec, DrainPolicy drain, OutputWriter out) {
                check();
                containers.requireRunning(container);
                var cut = doubt;
                if (cut != null) {
                    if (cut.runs()) {
                        execute(container, id, spec);
                    }
                    return CompletableFuture.completedFuture(new ExecStart.Unknown(cut.failure()));
                }
                var answer = new CompletableFuture<ExecStart>();
                if (held.getCount() == 0) {
                    answer.complete(execute(container, id, spec, out));
                } else {
                    var waiter = Thread.ofVirtual().start(() -> {
                        try {
                            awaitRelease();
                            answer.complete(execute(container, id, spec, out));
                        } catch (CancellationException e) {
                            answer.cancel(false);
                        }
                    });
                    var _ = answer.exceptionally(_ -> {
                        waiter.interrupt();
                        return null;
                    });
                }
                return answer;
            }

            @Override
            public CompletableFuture<Void> ready() {
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public ExecAdoption adopt(
                    ContainerId container, ExecId id, ProcessIo io, DrainPolicy drain, OutputWriter out) {
                check();
                var unknown = doubt;
                if (unknown != null) {
                    throw unknown.failure();
                }
                await(heldAdoptions.getOrDefault(id, new CountDownLatch(0)));
                var process = byId.get(id);
                if (process == null) {
                    return prepared.contains(id) ? new ExecAdoption.NeverRan() : new ExecAdoption.Gone();
                }
                process.pour(out);
                var _ = process.exit().thenAccept(out::finish);
                return new ExecAdoption.Started(process.pid(), new FakeControl(process), true);
            }

            @Override
            public void release(ContainerId container, ExecId id, ProcessExit exit) {
                check();
            }

            @Override
            public void endLeftovers(Predicate<ExecId> known) {
                byId.forEach((id, process) -> {
                    if (!known.test(id)) {
                        process.signal(Signal.KILL, SignalScope.TREE);
                    }
                });
            }

            @Override
            public int running() {
                return (int) execs.stream().filter(FakeProcess::running).count();
            }
        };
    }

    private ExecStart execute(ContainerId container, ExecId id, ExecSpec spec, OutputWriter out) {
        if (!FakeProcess.knows(spec.args())) {
            return new ExecStart.NotStarted(ProcessExit.notStarted(
                    new ExitOutcome.SpawnFailed(
                            SpawnFailureKind.NOT_FOUND, 2, spec.args().getFirst() + ": no such file"),
                    PhaseTimes.NONE));
        }
        var process = execute(container, id, spec);
        process.pour(out);
        process.run();
        return new ExecStart.Running(process.pid(), new FakeControl(process));
    }

    private FakeProcess execute(ContainerId container, ExecId id, ExecSpec spec) {
        var process = new FakeProcess(spec.args(), spec.io());
        process.onExit(
                exit -> tell(RuntimeEvent.Type.EXEC_EXITED, container.value(), id.value(), null, exit.outcome()));
        execs.add(process);
        byId.put(id, process);
        tell(RuntimeEvent.Type.EXEC_STARTED, container.value(), id.value(), null, null);
        return process;
    }

    /** Makes a command one that was prepared and never started. */
    public void prepare(ExecId id) {
        prepared.add(id);
    }

    /** The process of a command. */
    public FakeProcess process(ExecId id) {
        return Objects.requireNonNull(byId.get(id));
    }

    @Override
    public Registration events(EventListener listener) {
        check();
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        closed = true;
    }
}
