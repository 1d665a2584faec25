package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.testing.ContainerdFixture;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** F23, small; {@code scripts/bench streams} is the large one. Client and server share this JVM's heap here. */
@Timeout(180)
final class StalledStreamsIT {

    private static final int STREAMS = 100;
    private static final int CALLS = 200;
    /** The client keeps up to 1 MiB for each reader that does not read. */
    private static final long BUDGET = (STREAMS / 2) * (1L << 20) + (64L << 20);

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    @Test
    void readersThatDoNotReadCostBoundedMemoryAndHoldNoControlCallBack() throws Exception {
        var boxes = List.of(SERVER.idle(), SERVER.idle(), SERVER.idle(), SERVER.idle());
        var before = heapAfterCollection();
        var sessions = openAll(boxes);
        try {
            for (int i = 0; i < STREAMS / 2; i++) {
                sessions.get(i).onOutput((_, _) -> {});
            }
            var times = new ArrayList<Long>();
            for (int i = 0; i < CALLS; i++) {
                var began = System.nanoTime();
                SERVER.client().containers().get(boxes.get(i % boxes.size()));
                times.add(System.nanoTime() - began);
            }
            Collections.sort(times);
            assertThat(Duration.ofNanos(times.get(CALLS * 99 / 100)))
                    .as("99th percentile of GetContainer")
                    .isLessThan(Duration.ofSeconds(2));
            assertThat(heapAfterCollection() - before).isLessThan(BUDGET);
        } finally {
            sessions.forEach(ExecSession::close);
        }
    }

    private static List<ExecSession> openAll(List<String> boxes) throws Exception {
        var starts = new ArrayList<Callable<ExecSession>>();
        for (int i = 0; i < STREAMS; i++) {
            var box = boxes.get(i % boxes.size());
            starts.add(() -> SERVER.client().exec(box, ExecSpec.of("yes")));
        }
        var sessions = new ArrayList<ExecSession>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<ExecSession> start : threads.invokeAll(starts)) {
                sessions.add(start.get());
            }
        }
        return sessions;
    }

    private static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
