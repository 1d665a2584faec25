package dev.hawse.bench;

import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.containerd.client.ContainerdClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;

/**
 * Commands through Hawse's public API against the bare containerd sequence and {@code ctr}, interleaved: from start to exit,
 * an echo of two bytes, and throughput. Needs {@code HAWSE_ADDRESS}, {@code CONTAINERD_ADDRESS} and
 * {@code CONTAINERD_NAMESPACE}; prints Markdown.
 */
final class ExecBench {

    private static final int MEBIBYTES = 512;
    private static final int WARM_UP = 3000;
    private static final int WARM_UP_CALLERS = 8;
    private static final int COOL_DOWN = 50;

    private enum Part {
        EXIT,
        ECHO,
        THROUGHPUT
    }

    private final HawseClient hawse;
    private final ContainerdClient containerd;
    private final String container;

    private ExecBench(HawseClient hawse, ContainerdClient containerd, String container) {
        this.hawse = hawse;
        this.containerd = containerd;
        this.container = container;
    }

    public static void main(String[] args) throws Exception {
        var rounds = Integer.parseInt(args[0]);
        var image = args[1];
        var parts = EnumSet.allOf(Part.class);
        if (args.length > 2) {
            parts.removeIf(part -> !part.name().equalsIgnoreCase(args[2]));
        }
        try (var hawse = HawseClient.create(env("HAWSE_ADDRESS"));
                var containerd =
                        new ContainerdClient(Path.of(env("CONTAINERD_ADDRESS")), env("CONTAINERD_NAMESPACE"))) {
            var container = hawse.containers()
                    .runDetached(ContainerSpec.builder(image, "sleep", "1d").build());
            try {
                var bench = new ExecBench(hawse, containerd, container.id());
                for (var part : parts) {
                    switch (part) {
                        case EXIT -> bench.startToExit(rounds);
                        case ECHO -> bench.echo(rounds * 10);
                        case THROUGHPUT -> bench.throughput(Math.max(10, rounds / 10));
                    }
                }
            } finally {
                hawse.containers().remove(container.id(), true);
            }
        }
    }

    private void startToExit(int rounds) throws Exception {
        var process = BareExec.process(containerd, container, "true");
        var comparison = new Comparison("`true`, from start to exit")
                .addProcess("ctr tasks exec, a process", this::ctr)
                .add(
                        "Hawse, Java client over gRPC",
                        () -> expect(0, hawse.run(container, "true").status().shellCode()))
                .add("bare containerd sequence, no streams", () -> {
                    var exec = BareExec.silent(containerd, container, process);
                    expect(0, exec.awaitExit());
                    clearAway(exec);
                })
                .add("bare containerd sequence, with its streams", () -> {
                    var exec = BareExec.streaming(containerd, container, process);
                    expect(0, exec.awaitExit());
                    expect(0, exec.drain());
                    clearAway(exec);
                });
        // A server that has just been started spends more on compiling itself than on commands, and shares the
        // processors
        // with them; one that has been up for a day does not.
        comparison.warmUp(WARM_UP, WARM_UP_CALLERS).warmUp(COOL_DOWN).run(rounds);
        System.out.println(comparison.table());
    }

    private void ctr() throws IOException, InterruptedException {
        var command = new ProcessBuilder(
                        "ctr",
                        "--address",
                        env("CONTAINERD_ADDRESS"),
                        "--namespace",
                        env("CONTAINERD_NAMESPACE"),
                        "tasks",
                        "exec",
                        "--exec-id",
                        "c" + System.nanoTime(),
                        container,
                        "true")
                .redirectErrorStream(true)
                .start();
        command.getInputStream().readAllBytes();
        expect(0, command.waitFor());
    }

    private void echo(int rounds) throws Exception {
        try (var session = hawse.exec(container, ExecSpec.builder("cat").stdin().build());
                var bare = BareExec.streaming(containerd, container, BareExec.process(containerd, container, "cat"))) {
            var comparison = new Comparison("echo of 2 bytes through `cat`")
                    .add("Hawse, Java client over gRPC", () -> echo(session))
                    .add("the shim's own FIFOs", () -> echo(bare));
            // A gRPC round trip is slow until the JVM has compiled it on both sides.
            comparison.warmUp(2 * rounds).run(rounds);
            System.out.println(comparison.table());
        }
    }

    private static void echo(ExecSession session) throws IOException {
        session.stdin().write(new byte[] {'h', '\n'});
        session.stdin().flush();
        expect(2, session.stdout().readNBytes(2).length);
    }

    private static void echo(BareExec bare) throws IOException {
        bare.stdin().write(ByteBuffer.wrap(new byte[] {'h', '\n'}));
        var answer = ByteBuffer.allocate(2);
        while (answer.hasRemaining()) {
            bare.stdout().read(answer);
        }
    }

    private void throughput(int rounds) throws Exception {
        String[] dd = {"dd", "if=/dev/zero", "bs=1M", "count=" + MEBIBYTES};
        var process = BareExec.process(containerd, container, dd);
        var comparison = new Comparison(MEBIBYTES + " MiB of standard output")
                .add("Hawse, Java client over gRPC", () -> {
                    try (var session = hawse.exec(container, ExecSpec.of(dd))) {
                        expect(MEBIBYTES << 20, drain(session));
                    }
                })
                .add("the shim's own FIFOs", () -> {
                    try (var bare = BareExec.streaming(containerd, container, process)) {
                        expect(MEBIBYTES << 20, bare.drain());
                    }
                });
        comparison.warmUp(2).run(rounds);
        System.out.println(comparison.table());
    }

    private static int drain(ExecSession session) throws IOException {
        var buffer = new byte[1 << 16];
        int total = 0;
        for (int n = session.stdout().read(buffer); n >= 0; n = session.stdout().read(buffer)) {
            total += n;
        }
        return total;
    }

    /** In the background, as Hawse does it: neither is charged for it. */
    private static void clearAway(BareExec exec) {
        Thread.ofVirtual().start(() -> {
            try {
                exec.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static String env(String name) {
        return Objects.requireNonNull(System.getenv(name), name + " is not set");
    }

    private static void expect(int expected, int got) {
        if (expected != got) {
            throw new IllegalStateException("expected " + expected + ", got " + got);
        }
    }
}
