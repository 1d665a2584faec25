package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.faults.PrivateContainerd;
import dev.hawse.runtime.BindPolicy;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerRuntimeContract;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Reason;
import dev.hawse.testing.NoListener;
import dev.hawse.testing.Recorder;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A containerd that comes late, or dies and comes back, under a server that stays. */
final class ContainerdRestartIT extends ContainerRuntimeContract {

    private static final ProcessIo INPUT = new ProcessIo(true, null);

    @TempDir
    Path dir;

    private @Nullable PrivateContainerd containerd;
    private @Nullable ContainerdRuntime runtime;

    @Override
    protected ContainerRuntime runtime() {
        return Objects.requireNonNull(runtime);
    }

    private PrivateContainerd containerd() {
        return Objects.requireNonNull(containerd);
    }

    @BeforeEach
    void openBeforeThereIsAnybody() throws Exception {
        containerd = new PrivateContainerd(dir);
        runtime = ContainerdRuntime.open(
                new ContainerdSettings(
                        containerd.socket(),
                        "hawse-it-" + UUID.randomUUID().toString().substring(0, 13),
                        "auto",
                        Map.of("runc", "runc"),
                        dir.resolve("fifo"),
                        ContainerdEngine.logs(dir),
                        BindPolicy.everything(),
                        8,
                        Duration.ofSeconds(2)),
                List.of());
        assertThat(runtime.probe().available()).isFalse();
        containerd.start();
        runtime.synced().get(20, TimeUnit.SECONDS);
        runtime.images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), "", new NoListener());
    }

    @AfterEach
    void close() throws Exception {
        // Before the removal of what was made, which runs after this: it must be gone while containerd serves.
        containers().list().forEach(container -> containers().remove(container.id(), true));
        assertThat(dir.resolve("fifo").toFile().list()).isEmpty();
        runtime().close();
        containerd().close();
    }

    private void awaitAnswer() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> runtime().probe().available());
    }

    @Test
    void bytesFlowAndEndsAreKnownAcrossADeath() throws Exception {
        var main = running(busybox("cat").io(INPUT)).id();
        var attached = new Recorder();
        var session = containers().attach(main, null, false, attached);
        session.resumeOutput();
        var command = new Recorder();
        var exec = exec(main, ExecSpec.of("sh", "-c", "read x; echo $x; exit 5").withIo(INPUT), command);
        containerd().kill();
        failing(Reason.RUNTIME_UNAVAILABLE, () -> create(busybox("true")));
        session.write("while away".getBytes(StandardCharsets.UTF_8), () -> {});
        attached.awaitOut("while away");
        // Ends while nobody can be asked.
        exec.control().write("last words\n".getBytes(StandardCharsets.UTF_8), () -> {});
        command.awaitOut("last words");
        containerd().start();
        awaitAnswer();
        assertThat(command.exit().outcome()).isEqualTo(code(5));
        assertThat(sh(main, "echo alive").out()).isEqualTo("alive\n");
        session.close();
    }

    @Test
    void endOfInputIsDeliveredThoughContainerdWasAway() throws Exception {
        var id = running(busybox("cat").io(INPUT)).id();
        var sink = new Recorder();
        try (var session = containers().attach(id, null, false, sink)) {
            session.resumeOutput();
            containerd().kill();
            session.write("all".getBytes(StandardCharsets.UTF_8), session::endInput);
            sink.awaitOut("all");
            containerd().start();
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
    }

    @Test
    void manyDeathsLoseNoEnd() throws Exception {
        for (int i = 0; i < 5; i++) {
            var id = running(script("sleep 0.3; exit 21")).id();
            containerd().kill();
            containerd().start();
            assertThat(awaitExit(id).outcome()).isEqualTo(code(21));
            awaitAnswer();
        }
    }

    @Test
    void commandForWhichContainerdDoesNotAnswerFailsInTimeAndLeavesNothing() throws Exception {
        var id = running(busybox("sleep", "1000")).id();
        containerd().freeze();
        try {
            var began = System.nanoTime();
            failing(Reason.RUNTIME_TIMEOUT, () -> exec(id, ExecSpec.of("true"), new Recorder()));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        } finally {
            containerd().thaw();
        }
        awaitAnswer();
        assertThat(sh(id, "echo alive").out()).isEqualTo("alive\n");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> containers().processes(id).size() == 1);
    }
}
