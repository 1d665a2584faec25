package dev.hawse.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.BindPolicy;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.stream.Spool;
import dev.hawse.sys.Reactors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The streams of a process, with this test in place of the shim. */
@Timeout(30)
final class StdioTest {

    @TempDir
    private Path dir;

    @Test
    void inputIsKeptForAShimThatOpensItsEndAfterItHasAnsweredThatTheProcessRuns() throws Exception {
        var settings = new ContainerdSettings(
                dir.resolve("nobody"),
                "stdio",
                "auto",
                Map.of("runc", "runc"),
                dir,
                ContainerdEngine.logs(dir),
                BindPolicy.everything(),
                1,
                Duration.ofSeconds(1));
        try (var client = new ContainerdClient(settings.socket(), settings.namespace());
                var reactors = Reactors.open(List.of(), "stdio-test", e -> {});
                var timer = Executors.newSingleThreadScheduledExecutor();
                var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var closed = new AtomicInteger();
            var engine = new Engine(client, settings, reactors, timer, workers);
            try (var stdio = Stdio.make(
                    engine,
                    dir.resolve("fifos"),
                    new ProcessIo(true, null),
                    Spool.block(1 << 16),
                    closed::incrementAndGet)) {
                stdio.taken();
                stdio.write("kept".getBytes(UTF_8), () -> {});
                stdio.endInput();
                assertThat(closed).hasValue(0);
                assertThat(Files.readString(dir.resolve("fifos/stdin"))).isEqualTo("kept");
                await().untilAsserted(() -> assertThat(closed).hasValue(1));
            }
        }
    }
}
