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
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a new server makes of the commands of the one before. */
@Timeout(60)
final class RecoveryTest {

    @TempDir
    private Path dir;

    private final FakeRuntime runtime = new FakeRuntime();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private Duration retention = Duration.ofMinutes(1);
    private volatile Duration sinceBoot = Duration.ofDays(1);
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
                new ExecSettings(
                        state.execs(),
                        "this boot",
                        () -> sinceBoot,
                        dir.resolve("execs"),
                        dir.resolve("spill"),
                        retention),
                workers);
        execs.load();
    }

    private void restart() throws IOException, StateException {
        execs.close();
        state.close();
        begin();
    }

    private ExecId start() {
        return start(null, null);
    }

    private ExecId start(@Nullable Duration timeout, @Nullable Duration alone) {
        var command = new Command(
                box,
                RuntimeKind.CONTAINERD,
                ExecSpec.of("hold"),
                new OutputPolicy(OutputPolicy.Kind.BLOCK, 1 << 16, 0),
                new DisconnectPolicy.Detach(alone),
                timeout,
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

    /** Restarts and takes over, as if the host's clock had been set meanwhile. */
    private void restartWithClockSetBy(Duration jump) throws Exception {
        execs.close();
        state.close();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("state/state.db"));
                var change = connection.prepareStatement(
                        "UPDATE exec SET started_at = started_at - ?1, deadline = deadline - ?1")) {
            change.setLong(1, jump.toNanos());
            change.executeUpdate();
        }
        begin();
        execs.recover(runtime.execs(), RuntimeKind.CONTAINERD).join();
    }

    /** F43. */
    @ParameterizedTest
    @ValueSource(longs = {24, -1})
    void clockThatIsSetNeitherShortensNorLengthensTheTimeOfACommand(long hours) throws Exception {
        var bounded = start(Duration.ofMinutes(30), null);
        var alone = start(null, Duration.ofMinutes(30));
        sinceBoot = sinceBoot.plusMinutes(10);
        restartWithClockSetBy(Duration.ofHours(hours));
        assertThat(state(bounded)).isEqualTo(ExecState.RUNNING);
        assertThat(state(alone)).isEqualTo(ExecState.RUNNING);
        assertThat(execs.find(bounded.value()).info().timesOutAt())
                .isBetween(
                        Instant.now().plus(Duration.ofMinutes(19)),
                        Instant.now().plus(Duration.ofMinutes(20)));
        sinceBoot = sinceBoot.plusMinutes(20);
        restartWithClockSetBy(Duration.ofHours(hours));
        await().untilAsserted(() -> {
            assertThat(runtime.process(bounded).running()).isFalse();
            assertThat(runtime.process(alone).running()).isFalse();
        });
    }

    @Test
    void recordThatIsOverGoesThoughAnOlderCommandEndedLater() throws Exception {
        retention = Duration.ofSeconds(5);
        var older = start();
        var younger = start();
        // Nobody forgets any more, while ends are still written.
        execs.close();
        var first = endedAt(younger);
        await().until(() -> Instant.now().isAfter(first.plus(retention)));
        endedAt(older);
        state.close();
        begin();
        assertThat(execs.all()).extracting(Exec::id).containsExactly(older);
    }

    private Instant endedAt(ExecId id) {
        runtime.process(id).end(new ExitOutcome.Code(0));
        return await().until(() -> state.execs().find(id.value()).orElseThrow().endedAt(), Objects::nonNull);
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
