package dev.hawse.bench;

import dev.hawse.client.AttachExecSpec;
import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.faults.Processes;
import dev.hawse.testing.JvmMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.HdrHistogram.Histogram;

/**
 * Very many streams at once: what an idle one costs the server, whether a busy one notices the others, and how control calls
 * fare while half of very many writers have a reader that does not read. Needs {@code HAWSE_ADDRESS}, and a server that runs
 * with {@code -XX:NativeMemoryTracking=summary}; prints Markdown.
 */
final class StreamsBench {

    private static final int ECHOES = 2000;
    private static final int PER_CONTAINER = 250;
    private static final int STARTS = 32;
    private static final int CONTROL_CALLS = 500;
    private static final int STALLED_WINDOW = 64 << 10;

    /** Below what the server allows. */
    private static final int PER_CONNECTION = 500;

    private final String image;
    private final int commands;
    private final int viewers;
    private final HawseClient hawse;
    private final List<HawseClient> crowd = new ArrayList<>();
    private final long server;
    private final List<String> containers = new ArrayList<>();

    private StreamsBench(String image, int streams, int viewers, HawseClient hawse) {
        this.image = image;
        this.commands = (streams + viewers - 1) / viewers;
        this.viewers = viewers;
        for (int i = 0; i < streams; i += PER_CONNECTION) {
            crowd.add(client());
        }
        this.hawse = hawse;
        var address = Objects.requireNonNull(System.getenv("HAWSE_ADDRESS"), "HAWSE_ADDRESS is not set");
        this.server = Processes.with("--listen", address).getFirst();
    }

    private static HawseClient client() {
        return HawseClient.builder().outputWindow(STALLED_WINDOW).build();
    }

    /** Arguments: the image, how many streams, and how many of them belong to one command. */
    public static void main(String[] args) throws Exception {
        try (var hawse = client()) {
            var bench = new StreamsBench(args[0], Integer.parseInt(args[1]), Integer.parseInt(args[2]), hawse);
            try {
                bench.idle();
                if (bench.viewers == 1) {
                    bench.stalled();
                }
            } finally {
                bench.removeContainers();
                bench.crowd.forEach(HawseClient::close);
            }
        }
    }

    private void idle() throws Exception {
        addContainers();
        try (var busy = open("cat")) {
            echo(busy);
            var alone = echo(busy);
            var liveBefore = JvmMemory.live(server);
            var directBefore = JvmMemory.direct(server);
            var residentBefore = JvmMemory.resident(server);
            var idle = openAll("cat");
            var live = JvmMemory.live(server);
            var direct = JvmMemory.direct(server);
            var beside = echo(busy);
            var opened = Math.max(1, idle.size());
            System.out.printf("%n### %d idle attached streams, %d to a command%n%n", idle.size(), viewers);
            System.out.printf(
                    "Each costs the server %.1f KiB of live heap and %.1f KiB beside it; resident in all %d MiB, before %d MiB.%n%n",
                    (live - liveBefore) / 1024.0 / opened,
                    (direct - directBefore) / 1024.0 / opened,
                    JvmMemory.resident(server) >> 20,
                    residentBefore >> 20);
            System.out.println("| echo of 2 bytes on one busy stream | p50 | p99 |\n|---|---|---|");
            row("alone", alone);
            row("beside the idle ones", beside);
            idle.forEach(ExecSession::close);
        }
        removeContainers();
    }

    private void stalled() throws Exception {
        addContainers();
        var before = JvmMemory.resident(server);
        var liveBefore = JvmMemory.live(server);
        var directBefore = JvmMemory.direct(server);
        var calm = controlCalls(hawse);
        var writers = openAll("yes");
        for (int i = 0; i < writers.size(); i += 2) {
            writers.get(i).onOutput((_, _) -> {});
        }
        var crowded = controlCalls(hawse);
        Histogram apart;
        try (var other = HawseClient.create()) {
            apart = controlCalls(other);
        }
        System.out.printf("%n### %d streams of `yes`, every second one not read%n%n", writers.size());
        var resident = JvmMemory.resident(server);
        System.out.printf(
                "Live heap %d MiB more than before, and %d MiB more beside it; resident in all %d MiB, before %d MiB.%n%n",
                (JvmMemory.live(server) - liveBefore) >> 20,
                (JvmMemory.direct(server) - directBefore) >> 20,
                resident >> 20,
                before >> 20);
        System.out.println("| GetContainer and ListContainers in turn | p50 | p99 |\n|---|---|---|");
        row("without them", calm);
        row("beside them, on the connection of them all", crowded);
        row("beside them, on a connection of its own", apart);
        writers.forEach(ExecSession::close);
    }

    private void addContainers() {
        for (int i = 0; i < commands; i += PER_CONTAINER) {
            containers.add(hawse.containers()
                    .runDetached(ContainerSpec.builder(image, "sleep", "1d").build())
                    .id());
        }
    }

    private void removeContainers() {
        containers.forEach(id -> hawse.containers().remove(id, true));
        containers.clear();
    }

    private ExecSession open(String command) {
        return hawse.exec(
                containers.getFirst(), ExecSpec.builder(command).stdin().build());
    }

    /** As many as there is room for; says why when that is fewer than asked for. */
    private List<ExecSession> openAll(String command) {
        var sessions = new ConcurrentLinkedQueue<ExecSession>();
        var refusals = new ConcurrentLinkedQueue<HawseException>();
        var places = new Semaphore(STARTS);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < commands && refusals.isEmpty(); i++) {
                var container = containers.get(i % containers.size());
                var client = crowd.get(i % crowd.size());
                places.acquireUninterruptibly();
                threads.execute(() -> {
                    try {
                        var starter = client.exec(
                                container, ExecSpec.builder(command).stdin().build());
                        sessions.add(starter);
                        for (int v = 1; v < viewers; v++) {
                            sessions.add(client.execs().attach(starter.execId(), AttachExecSpec.WATCH));
                        }
                    } catch (HawseException e) {
                        refusals.add(e);
                    } finally {
                        places.release();
                    }
                });
            }
        }
        if (!refusals.isEmpty()) {
            System.out.printf(
                    "%nNo more than %d of %d: %s%n",
                    sessions.size(),
                    commands * viewers,
                    Objects.requireNonNull(refusals.peek()).getMessage());
        }
        return List.copyOf(sessions);
    }

    private static Histogram echo(ExecSession session) throws IOException {
        var times = new Histogram(3);
        for (int i = 0; i < ECHOES; i++) {
            var began = System.nanoTime();
            session.stdin().write(new byte[] {'h', '\n'});
            if (session.stdout().readNBytes(2).length != 2) {
                throw new IOException("the echo broke off");
            }
            times.recordValue((System.nanoTime() - began) / 1000);
        }
        return times;
    }

    private Histogram controlCalls(HawseClient hawse) {
        var times = new Histogram(3);
        for (int i = 0; i < CONTROL_CALLS; i++) {
            var began = System.nanoTime();
            if (i % 2 == 0) {
                hawse.containers().get(containers.get(i % containers.size()));
            } else if (hawse.containers().stream(ContainerFilter.ALL).count() < containers.size()) {
                throw new IllegalStateException("containers are missing in the list");
            }
            times.recordValue((System.nanoTime() - began) / 1000);
        }
        return times;
    }

    private static void row(String what, Histogram times) {
        System.out.printf(
                "| %s | %.2f ms | %.2f ms |%n",
                what, times.getValueAtPercentile(50) / 1000.0, times.getValueAtPercentile(99) / 1000.0);
    }
}
