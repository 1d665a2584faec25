package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.faults.PrivateContainerd;
import dev.hawse.runtime.BindPolicy;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerRuntimeContract;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.state.StateStore;
import dev.hawse.stream.EventLog;
import dev.hawse.stream.EventMerge;
import dev.hawse.stream.EventReader;
import dev.hawse.testing.NoListener;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No start and no end is missing from the log of events, and none is there twice, whoever was away when it happened. */
@Timeout(300)
final class EventCompletenessIT extends ContainerRuntimeContract {

    private static final int RESTARTS = 20;

    @TempDir
    Path dir;

    private final String namespace = "hawse-it-" + UUID.randomUUID().toString().substring(0, 13);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable PrivateContainerd containerd;
    private @Nullable ContainerdRuntime runtime;
    private @Nullable StateStore store;
    private @Nullable EventLog log;
    private long first;

    @Override
    protected ContainerRuntime runtime() {
        return Objects.requireNonNull(runtime);
    }

    private PrivateContainerd containerd() {
        return Objects.requireNonNull(containerd);
    }

    @BeforeEach
    void start() throws Exception {
        containerd = new PrivateContainerd(dir);
        containerd.start();
        openServer();
        first = Objects.requireNonNull(log).next();
        runtime().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), "", new NoListener());
    }

    private void openServer() throws Exception {
        var settings = new ContainerdSettings(
                containerd().socket(),
                namespace,
                "auto",
                Map.of("runc", "runc"),
                dir.resolve("fifo"),
                ContainerdEngine.logs(dir),
                BindPolicy.everything(),
                8,
                Duration.ofSeconds(2),
                ContainerdSettings.DEFAULT_START_TIMEOUT,
                Duration.ofSeconds(1));
        store = StateStore.open(Files.createDirectories(dir.resolve("server")));
        var kept = store.events(100_000, Duration.ofDays(7));
        log = new EventLog(kept, workers);
        runtime = ContainerdRuntime.open(settings, List.of());
        var _ = runtime.events(new EventMerge(log, kept));
        runtime.synced().get(20, TimeUnit.SECONDS);
    }

    private void closeServer() {
        runtime().close();
        Objects.requireNonNull(store).close();
    }

    @AfterEach
    void close() throws Exception {
        containers().list().forEach(container -> containers().remove(container.id(), true));
        closeServer();
        containerd().close();
        workers.shutdownNow();
    }

    private static final class Sink implements EventReader.Sink {
        final List<RuntimeEvent> got = new CopyOnWriteArrayList<>();
        final List<Long> numbers = new CopyOnWriteArrayList<>();

        @Override
        public boolean event(EventLog.Numbered event) {
            got.add(event.event());
            return numbers.add(event.sequence());
        }

        @Override
        public void cutOff(RuntimeFailure why) {
            throw why;
        }

        List<String> of(ContainerId id) {
            return got.stream()
                    .filter(e -> id.value().equals(e.containerId()))
                    .filter(e -> e.type() != RuntimeEvent.Type.CONTAINER_UPDATED)
                    .map(e -> e.type().name().replace("CONTAINER_", "")
                            + (e.exit() instanceof ExitOutcome.Code(int code) ? " " + code : ""))
                    .toList();
        }
    }

    /** Everything from the first number on, in all lives. */
    private Sink all() {
        var sink = new Sink();
        Objects.requireNonNull(log).read(first, sink).resume();
        return sink;
    }

    private void assertTold(List<ContainerId> ids, String... events) {
        var sink = all();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> ids.forEach(id -> assertThat(sink.of(id)).containsExactly(events)));
        assertThat(sink.numbers).isSorted().doesNotHaveDuplicates();
    }

    private void awaitGone(ContainerId id) {
        var pid = now(id).pid();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> pid == 0 || ProcessHandle.of(pid).isEmpty());
    }

    @Test
    void noEndIsMissingNorTwiceThoughContainerdDies() throws Exception {
        var ids = new ArrayList<ContainerId>();
        for (int i = 0; i < RESTARTS; i++) {
            ids.add(running(script("sleep 0.2; exit 21")).id());
            containerd().kill();
            if (i % 2 == 0) {
                // It ends while nobody can be asked.
                awaitGone(ids.getLast());
            }
            containerd().start();
            assertThat(awaitExit(ids.getLast()).outcome()).isEqualTo(code(21));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> runtime().probe().available());
        }
        assertTold(ids, "CREATED", "STARTED", "EXITED 21");
    }

    @Test
    void noStartAndNoEndIsMissingNorTwiceThoughTheServerIsAway() throws Exception {
        var before = new ArrayList<ContainerId>();
        var meanwhile = new ArrayList<ContainerId>();
        var restarted = running(busybox("sleep", "1000")).id();
        for (int i = 0; i < RESTARTS; i++) {
            before.add(running(script("exit 3")).id());
            meanwhile.add(running(script("sleep 0.3; exit 4")).id());
            var pid = now(meanwhile.getLast()).pid();
            closeServer();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !Files.exists(Path.of("/proc/" + pid + "/exe")) || isZombie(pid));
            openServer();
        }
        meanwhile.forEach(this::awaitNotRunning);
        assertTold(before, "CREATED", "STARTED", "EXITED 3");
        assertTold(meanwhile, "CREATED", "STARTED", "EXITED 4");
        assertTold(List.of(restarted), "CREATED", "STARTED");
    }

    private void awaitNotRunning(ContainerId id) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !now(id).running());
    }

    private static boolean isZombie(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (java.io.IOException e) {
            return true;
        }
    }

    @Test
    void removalWhileTheServerIsAwayIsToldOnce() throws Exception {
        var id = create(busybox("true").name("gone")).id();
        closeServer();
        var client = new ContainerdClient(containerd().socket(), namespace);
        try {
            client.containers()
                    .delete(dev.hawse.containerd.api.services.containers.v1.DeleteContainerRequest.newBuilder()
                            .setId(id.value())
                            .build());
        } finally {
            client.close();
        }
        openServer();
        assertTold(List.of(id), "CREATED", "REMOVED");
        closeServer();
        openServer();
        assertTold(List.of(id), "CREATED", "REMOVED");
    }
}
