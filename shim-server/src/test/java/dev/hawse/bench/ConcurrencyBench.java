package dev.hawse.bench;

import dev.hawse.client.ContainerSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.containerd.client.ContainerdClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many commands at once into one container: through Hawse, which has to find the right number of starts by itself, against
 * bare containerd calls with so many starts in flight at most. Then the same with every client gone half-way, after which the
 * shim must be as well as before. Needs {@code HAWSE_ADDRESS}, {@code CONTAINERD_ADDRESS} and {@code CONTAINERD_NAMESPACE};
 * prints Markdown.
 */
final class ConcurrencyBench {

    private static final List<Integer> CROWDS = List.of(50, 200);
    private static final List<Integer> GATES = List.of(4, 8, 16);
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private final HawseClient hawse;
    private final ContainerdClient containerd;
    private final String container;

    private ConcurrencyBench(HawseClient hawse, ContainerdClient containerd, String container) {
        this.hawse = hawse;
        this.containerd = containerd;
        this.container = container;
    }

    /** Argument: the image. */
    public static void main(String[] args) throws Exception {
        try (var hawse = HawseClient.create();
                var containerd = new ContainerdClient(
                        Path.of(Objects.requireNonNull(System.getenv("CONTAINERD_ADDRESS"))),
                        Objects.requireNonNull(System.getenv("CONTAINERD_NAMESPACE")))) {
            var container = hawse.containers()
                    .runDetached(ContainerSpec.builder(args[0], "sleep", "1d").build())
                    .id();
            try {
                var bench = new ConcurrencyBench(hawse, containerd, container);
                for (var crowd : CROWDS) {
                    bench.crowd(crowd);
                }
                bench.everybodyLeaves(CROWDS.getLast());
            } finally {
                hawse.containers().remove(container, true);
            }
        }
    }

    /** So many at once, one way. */
    private record Rush(String way, double perSecond, double slowest) {}

    private void crowd(int crowd) throws Exception {
        var process = BareExec.process(containerd, container, "true");
        var rushes = new ArrayList<Rush>();
        rush("warm-up", crowd, () -> hawse.run(container, "true").success());
        rushes.add(rush(
                "Hawse, Java client over gRPC",
                crowd,
                () -> hawse.run(container, "true").success()));
        var leftovers = new ConcurrentLinkedQueue<BareExec>();
        for (var gate : GATES) {
            var places = new Semaphore(gate);
            rushes.add(rush("bare containerd calls, %d starts in flight".formatted(gate), crowd, () -> {
                BareExec exec;
                places.acquire();
                try {
                    exec = BareExec.silent(containerd, container, process);
                } finally {
                    places.release();
                }
                leftovers.add(exec);
                return exec.awaitExit() == 0;
            }));
            for (var exec = leftovers.poll(); exec != null; exec = leftovers.poll()) {
                exec.close();
            }
        }
        var best = rushes.stream().skip(1).mapToDouble(Rush::perSecond).max().orElseThrow();
        System.out.printf("%n### %d commands at once%n%n", crowd);
        System.out.println("| way | per second | of the best bare rate | slowest call |\n|---|---|---|---|");
        rushes.forEach(r -> System.out.printf(
                "| %s | %.1f | %.0f %% | %.2f s |%n", r.way(), r.perSecond(), 100 * r.perSecond() / best, r.slowest()));
    }

    private static Rush rush(String way, int crowd, Callable<Boolean> call) throws Exception {
        var calls = new ArrayList<Callable<Double>>();
        for (int i = 0; i < crowd; i++) {
            calls.add(() -> {
                var began = System.nanoTime();
                if (!call.call()) {
                    throw new IllegalStateException(way + ": a command failed");
                }
                return (System.nanoTime() - began) / 1e9;
            });
        }
        var began = System.nanoTime();
        double slowest = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var future : threads.invokeAll(calls)) {
                slowest = Math.max(slowest, future.get());
            }
        }
        return new Rush(way, crowd / ((System.nanoTime() - began) / 1e9), slowest);
    }

    private void everybodyLeaves(int crowd) throws Exception {
        var ended = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var leaver = HawseClient.create();
            for (int i = 0; i < crowd; i++) {
                threads.execute(() -> {
                    try {
                        leaver.run(container, "sleep", "0.1");
                    } catch (HawseException cancelled) {
                        return;
                    } finally {
                        if (ended.incrementAndGet() == crowd / 2) {
                            leaver.close();
                        }
                    }
                });
            }
        }
        var left = System.nanoTime();
        var after = rush(
                "after everybody left", 20, () -> hawse.run(container, "true").success());
        while (hawse.containers().processes(container).size() > 1) {
            if (System.nanoTime() - left > RECOVERY.toNanos()) {
                throw new IllegalStateException("commands of callers that left still run after " + RECOVERY);
            }
            Thread.sleep(100);
        }
        System.out.printf(
                "%n### Every caller of %d commands gone half-way%n%n"
                        + "20 commands right afterwards: %.1f per second, the slowest %.2f s; nothing of the others runs after"
                        + " %.1f s.%n",
                crowd, after.perSecond(), after.slowest(), (System.nanoTime() - left) / 1e9);
    }
}
