package dev.hawse.bench;

import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ContainerState;
import dev.hawse.client.LoadListener;
import dev.hawse.faults.Hawsed;
import dev.hawse.faults.Hawsed.Setup;
import dev.hawse.faults.PrivateContainerd;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.HdrHistogram.Histogram;

/**
 * How long a server that was killed takes, from its new start, until it tells of every container that it runs and until a
 * command runs in one. Arguments: a folder, how many containers. Prints Markdown.
 */
final class AdoptionBench {

    private static final int LIVES = 10;

    private AdoptionBench() {}

    public static void main(String[] args) throws Exception {
        var dir = Path.of(args[0]);
        var count = Integer.parseInt(args[1]);
        try (var containerd = new PrivateContainerd(Files.createDirectory(dir.resolve("c")))) {
            containerd.start();
            try (var hawsed = new Hawsed(
                    dir,
                    containerd.socket(),
                    "hawse-adoption-" + ProcessHandle.current().pid())) {
                hawsed.start(Setup.PLAIN);
                run(hawsed, count);
            }
        }
    }

    private static void run(Hawsed hawsed, int count) throws Exception {
        hawsed.client().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), LoadListener.NONE);
        var ids = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            ids.add(hawsed.client()
                    .containers()
                    .runDetached(ContainerSpec.builder(TestImages.BUSYBOX, "sleep", "1d")
                            .build())
                    .id());
        }
        var told = new Histogram(3);
        var used = new Histogram(3);
        for (int i = 0; i < LIVES; i++) {
            hawsed.kill();
            var began = System.nanoTime();
            hawsed.start(Setup.PLAIN);
            while (running(hawsed) < count) {
                Thread.sleep(Duration.ofMillis(10));
            }
            told.recordValue((System.nanoTime() - began) / 1_000_000);
            if (!hawsed.client().run(ids.getLast(), "true").success()) {
                throw new IllegalStateException("true has failed");
            }
            used.recordValue((System.nanoTime() - began) / 1_000_000);
        }
        System.out.printf(
                "%n| from the start of the server, %d containers | n | p50 | max |%n|---|---|---|---|%n", count);
        System.out.printf(
                "| all told as running | %d | %d ms | %d ms |%n",
                LIVES, told.getValueAtPercentile(50), told.getMaxValue());
        System.out.printf(
                "| a command has run in the last | %d | %d ms | %d ms |%n",
                LIVES, used.getValueAtPercentile(50), used.getMaxValue());
        for (var id : ids) {
            hawsed.client().containers().remove(id, true);
        }
    }

    private static long running(Hawsed hawsed) {
        return hawsed.client().containers().stream(ContainerFilter.ALL)
                .filter(container -> container.state() == ContainerState.RUNNING)
                .count();
    }
}
