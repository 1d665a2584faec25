package dev.hawse.bench;

import dev.hawse.client.ContainerSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.containerd.client.ContainerdClient;
import java.io.IOException;
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
 * bare containerd calls with so many starts in flight at most, which once do as much as Hawse does (streams read to their end,
 * the command deleted) and once as little as can be. Then the same with every client gone half-way, after which the
 * shim must be as well as before. Needs {@code HAWSE_ADDRESS}, {@code CONTAINERD_ADDRESS} and {@code CONTAINERD_NAMESPACE};
 * prints Markdown.
 */
final class ConcurrencyBench {

    private static final List<Integer> CROWDS = List.of(50, 200);
    private static final List<Integer> GATES = List.of(4, 8, 16);
    private static final int ROUNDS = 3;

    /** A server that has just been started spends more on compiling itself than on commands. */
    private static final int WARM_UP = 3000;

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
                bench.warmUp();
                for (var crowd : CROWDS) {
                    bench.crowd(crowd);
                }
                bench.everybodyLeaves(CROWDS.getLast());
            } finally {
                hawse.containers().remove(container, true);
            }
        }
    }

    private void warmUp() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < WARM_UP; i++) {
                threads.execute(() -> hawse.run(container, "true"));
            }
        }
    }

    /** So many at once, one way. */
    private record Rush(double perSecond, double slowest) {}

    /** A way to have commands run, and to clear away what that leaves when nobody looks at the clock. */
    private record Way(String name, Callable<Boolean> command, Callable<Void> clear, List<Rush> rushes) {
        Way(String name, Callable<Boolean> command, Callable<Void> clear) {
            this(name, command, clear, new ArrayList<>());
        }

        /** The median of several runs. */
        double perSecond() {
            return rushes.stream()
                    .mapToDouble(Rush::perSecond)
                    .sorted()
                    .skip(rushes.size() / 2)
                    .findFirst()
                    .orElseThrow();
        }

        double slowest() {
            return rushes.stream().mapToDouble(Rush::slowest).max().orElseThrow();
        }
    }

    private List<Way> ways() throws IOException {
        var process = BareExec.process(containerd, container, "true");
        var ways = new ArrayList<Way>();
        ways.add(new Way(
                "Hawse, Java client over gRPC",
                () -> hawse.run(container, "true").success(),
                () -> null));
        for (var gate : GATES) {
            ways.add(bare(
                    gate, "with their streams, deleted", () -> BareExec.streaming(containerd, container, process)));
            ways.add(bare(gate, "no streams, left behind", () -> BareExec.silent(containerd, container, process)));
        }
        return ways;
    }

    private static Way bare(int gate, String what, Callable<BareExec> start) {
        var places = new Semaphore(gate);
        var left = new ConcurrentLinkedQueue<BareExec>();
        Callable<Boolean> command = () -> {
            BareExec exec;
            places.acquire();
            try {
                exec = start.call();
            } finally {
                places.release();
            }
            var code = exec.awaitExit();
            if (exec.hasStreams()) {
                exec.drain();
                exec.close();
            } else {
                left.add(exec);
            }
            return code == 0;
        };
        Callable<Void> clear = () -> {
            for (var exec = left.poll(); exec != null; exec = left.poll()) {
                exec.close();
            }
            return null;
        };
        return new Way("bare containerd calls, %s; %d starts in flight".formatted(what, gate), command, clear);
    }

    private void crowd(int crowd) throws Exception {
        var ways = ways();
        for (int round = 0; round < ROUNDS; round++) {
            for (var way : ways) {
                way.rushes().add(rush(way.name(), crowd, way.command()));
                way.clear().call();
            }
        }
        var best = ways.stream().skip(1).mapToDouble(Way::perSecond).max().orElseThrow();
        System.out.printf("%n### %d commands at once%n%n", crowd);
        System.out.println("| way | per second | of the best bare rate | slowest call |\n|---|---|---|---|");
        for (var way : ways) {
            System.out.printf(
                    "| %s | %.1f | %.0f %% | %.2f s |%n",
                    way.name(), way.perSecond(), 100 * way.perSecond() / best, way.slowest());
        }
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
        return new Rush(crowd / ((System.nanoTime() - began) / 1e9), slowest);
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
