package dev.hawse.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.state.StateException;
import dev.hawse.state.StateStore;
import dev.hawse.stream.Spool;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a new server makes of the commands of the one before. */
@Timeout(60)
final class RecoveryTest {

    @TempDir
    private Path dir;

    private final FakeRuntime runtime = new FakeRuntime();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private Duration retention = Duration.ofMinutes(1);
    private ContainerId box;
    private StateStore state;
    private Execs execs;

    @BeforeEach
    void open() throws Exception {
        box = runtime.containers()
                .create(ContainerSpec.builder("busybox").args("hold").build())
                .container()
                .id();
        runtime.containers().start(box);
        begin();
    }

    @AfterEach
    void close() {
        execs.close();
        state.close();
        workers.shutdownNow();
    }

    private void begin() throws IOException, StateException {
        state = StateStore.open(Files.createDirectories(dir.resolve("state")));
        execs = new Execs(
                new ExecSettings(state.execs(), "this boot", dir.resolve("execs"), dir.resolve("spill"), retention),
                workers);
        execs.load();
    }

    private void restart() throws IOException, StateException {
        execs.close();
        state.close();
        begin();
    }

    private ExecId start() {
        var command = new Command(
                box,
                RuntimeKind.CONTAINERD,
                ExecSpec.of("hold"),
                new OutputPolicy(OutputPolicy.Kind.BLOCK, 1 << 16, 0),
                new DisconnectPolicy.Detach(null),
                null,
                Command.KILL_AFTER,
                DrainPolicy.CONFIGURED,
                null);
        return execs.begin(runtime.execs(), command, null, null)
                .thenCompose(begun -> begun.exec().settled())
                .join()
                .id();
    }

    private List<ExecId> start(int count) {
        return IntStream.range(0, count).mapToObj(_ -> start()).toList();
    }

    private ExecState state(ExecId id) {
        return execs.find(id.value()).info().state();
    }

    @Test
    void commandsAreTakenOverManyAtATime() throws Exception {
        var ids = start(40);
        restart();
        var held = new CountDownLatch(1);
        ids.forEach(id -> runtime.holdAdoption(id, held));
        var done = execs.recover(runtime.execs(), RuntimeKind.CONTAINERD);
        await().until(() -> runtime.waiting() > 1);
        held.countDown();
        done.join();
        assertThat(ids).allSatisfy(id -> assertThat(state(id)).isEqualTo(ExecState.RUNNING));
    }

    @Test
    void commandThatDoesNotAnswerKeepsNobody() throws Exception {
        var ids = start(10);
        OutputWriter nobodys = Spool.block(1 << 16);
        var left = ExecId.random();
        runtime.execs()
                .start(box, left, ExecSpec.of("hold"), DrainPolicy.CONFIGURED, nobodys)
                .join();
        restart();
        var held = new CountDownLatch(1);
        runtime.holdAdoption(ids.getFirst(), held);
        var done = execs.recover(runtime.execs(), RuntimeKind.CONTAINERD);
        await().untilAsserted(() -> {
            assertThat(runtime.process(left).running()).isFalse();
            assertThat(ids.subList(1, ids.size()))
                    .allSatisfy(id -> assertThat(state(id)).isEqualTo(ExecState.RUNNING));
        });
        assertThat(state(ids.getFirst())).isEqualTo(ExecState.STARTING);
        held.countDown();
        done.join();
        assertThat(state(ids.getFirst())).isEqualTo(ExecState.RUNNING);
    }

    @Test
    void recordWhoseTimeWasOverWhileNoServerRanIsNotKept() throws Exception {
        retention = Duration.ofMillis(1);
        var id = start();
        execs.close();
        runtime.process(id).end(new ExitOutcome.Code(0));
        await().until(() -> state.execs().find(id.value()).orElseThrow().endedAt() != null);
        state.close();
        begin();
        assertThat(execs.all()).isEmpty();
    }
}
