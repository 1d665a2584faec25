package dev.hawse.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerState;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.RunOption;
import dev.hawse.client.RunSession;
import dev.hawse.faults.Hawsed.Setup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who runs a container and reads slowly, with a log far smaller than what the container writes. */
@Timeout(180)
final class SlowRunIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final Setup SMALL_LOGS = Setup.PLAIN.set("logs.max-size=256KiB", "logs.max-files=2");

    /** 66 MB. */
    private static final int LINES = 8_500_000;

    @BeforeEach
    void restart() throws IOException {
        DAEMONS.restart(SMALL_LOGS);
    }

    private static RunSession run(String script, RunOption... options) {
        return DAEMONS.containers().run(Daemons.busybox("sh", "-c", script).build(), options);
    }

    private static ContainerState state(String id) {
        return DAEMONS.containers().get(id).state();
    }

    /** Far longer than it would take to write all if nobody waited. */
    private static void staysHeldBack(String id) {
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(6))
                .until(() -> state(id) == ContainerState.RUNNING);
    }

    private static void readsAll(RunSession session, int from) throws IOException {
        try (var lines = new BufferedReader(new InputStreamReader(session.stdout(), US_ASCII))) {
            for (int n = from; n <= LINES; n++) {
                assertThat(lines.readLine()).isEqualTo(Integer.toString(n));
            }
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void everyByteComesToWhoeverReadsSlowly() throws IOException {
        try (var session = run("seq 1 " + LINES + "; exit 5", RunOption.REMOVE_AT_EXIT)) {
            staysHeldBack(session.container().id());
            readsAll(session, 1);
            assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(5));
        }
    }

    @Test
    void containerThatIsHeldBackGoesOnWhenTheServerIsKilled() throws IOException {
        var session = run("seq 1 " + LINES + "; exit 5");
        var id = session.container().id();
        var pid = DAEMONS.containers().get(id).pid();
        staysHeldBack(id);
        DAEMONS.hawsed().kill();
        await().atMost(Duration.ofSeconds(20)).until(() -> ProcessHandle.of(pid).isEmpty());
        DAEMONS.hawsed().start(SMALL_LOGS);
        await().until(() -> state(id) == ContainerState.EXITED);
        assertThat(DAEMONS.containers().get(id).exit()).isEqualTo(new ExitStatus.Code(5));
        DAEMONS.containers().remove(id, false);
    }

    @Test
    void containerThatIsHeldBackGoesOnWhenItsReaderLeaves() {
        var session = run("seq 1 " + LINES + "; exit 5");
        var id = session.container().id();
        staysHeldBack(id);
        session.close();
        await().atMost(Duration.ofSeconds(20)).until(() -> state(id) == ContainerState.EXITED);
        assertThat(DAEMONS.containers().get(id).exit()).isEqualTo(new ExitStatus.Code(5));
        DAEMONS.containers().remove(id, false);
    }

    @Test
    void containerThatIsHeldBackIsStoppedAllTheSame() {
        var session = run("trap 'exit 7' TERM; seq 1 " + LINES);
        var id = session.container().id();
        staysHeldBack(id);
        DAEMONS.containers().stop(id, Duration.ofSeconds(1), "");
        assertThat(state(id)).isEqualTo(ContainerState.EXITED);
        DAEMONS.containers().remove(id, false);
        session.close();
    }
}
