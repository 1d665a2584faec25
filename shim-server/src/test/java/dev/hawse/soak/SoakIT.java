package dev.hawse.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A soak short enough for every run of the tests; {@code scripts/bench soak} is the long one. */
@Timeout(300)
final class SoakIT {

    private static final Duration RETENTION = Duration.ofSeconds(10);

    @TempDir
    Path dir;

    @Test
    void nothingIsLostNorLeftWithoutKills() throws Exception {
        expectToPass(new Plan(seed(), 100, Duration.ofMinutes(1), 16, 2, 2, 1 << 20, 0, 0, 0, RETENTION));
    }

    @Test
    void nothingIsLostNorLeftWhenClientsServerAndContainerdAreKilled() throws Exception {
        expectToPass(new Plan(seed(), 300, Duration.ofMinutes(2), 16, 2, 2, 64 << 10, 75, 150, 300, RETENTION));
    }

    private void expectToPass(Plan plan) throws Exception {
        try (var soak = new Soak(plan, dir, line -> System.err.println(line))) {
            var report = soak.run();
            assertThat(report.passed()).as(report.markdown()).isTrue();
        }
    }

    private static long seed() {
        return ThreadLocalRandom.current().nextLong(1_000_000);
    }
}
