package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.Container;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.LoadListener;
import dev.hawse.server.api.BuildInfo;
import dev.hawse.server.config.HawseConfig;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The whole server on a real containerd and a real unix socket, with a client of its own, for one test class. The image
 * {@link TestImages#BUSYBOX} is there.
 *
 * <p>After each test the containers that were made here are removed, and then no FIFO, file
 * of the client's or descriptor may be left; after the last one no thread. To be registered after a {@link
 * ContainerdFixture}.
 */
final class LiveServer implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ContainerdFixture containerd;
    private final ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();
    private @Nullable Live live;
    private List<String> filesBefore = List.of();

    /** What there is from the first test to the last. */
    private record Live(Path dir, HawseServer server, HawseClient client, Set<Thread> threadsBefore) {

        static String address(Path dir) {
            return "unix:" + dir.resolve("run/hawse.sock");
        }

        static HawseClient connect(Path dir) {
            return HawseClient.builder()
                    .address(address(dir))
                    .spillDirectory(dir.resolve("spill"))
                    .build();
        }
    }

    LiveServer(ContainerdFixture containerd) {
        this.containerd = containerd;
    }

    private Live live() {
        return Objects.requireNonNull(live, "the server must be a static field with @RegisterExtension");
    }

    HawseClient client() {
        return live().client();
    }

    /** Another client, which is the test's to close. */
    HawseClient newClient() {
        return Live.connect(live().dir());
    }

    String address() {
        return Live.address(live().dir());
    }

    /** Where its state and its socket are. */
    Path dir() {
        return live().dir();
    }

    Path socket() {
        return live().dir().resolve("run/hawse.sock");
    }

    /** Starts a container, which goes with the test. */
    Container run(ContainerSpec.Builder spec) {
        return client().containers().start(create(spec).id());
    }

    /** Starts a container that runs a shell script, and goes with the test. */
    Container run(String script) {
        return run(busybox("sh", "-c", script));
    }

    /** Starts a container in which commands can be executed, and answers its id. */
    String idle() {
        return run(busybox("sleep", "100000")).id();
    }

    /** Creates a container, which goes with the test. */
    Container create(ContainerSpec.Builder spec) {
        var created = client().containers().create(spec.build()).container();
        removeLater(created.id());
        return created;
    }

    /** Lets a container go with the test that another program made. */
    void removeLater(String id) {
        made.add(id);
    }

    static ContainerSpec.Builder busybox(String... args) {
        return ContainerSpec.builder(TestImages.BUSYBOX, args);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        // So that the fixture's own client has its thread.
        containerd.collectGarbage();
        var threadsBefore = Thread.getAllStackTraces().keySet();
        var dir = Files.createTempDirectory("hawse-it");
        Files.createDirectory(dir.resolve("spill"));
        var defaults = HawseConfig.defaults();
        var config = new HawseConfig(
                new HawseConfig.Listen(dir.resolve("run/hawse.sock"), ""),
                new HawseConfig.Containerd(containerd.socket(), containerd.namespace(), "auto", Map.of("runc", "runc")),
                new HawseConfig.Paths(dir.resolve("state"), dir.resolve("run")),
                defaults.policy(),
                defaults.exec(),
                defaults.events(),
                defaults.server(),
                defaults.logs(),
                defaults.log());
        var server = HawseServer.start(config, BuildInfo.current(), Wiring::runtimes);
        live = new Live(dir, server, Live.connect(dir), threadsBefore);
        client().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), LoadListener.NONE);
        // What is made once and kept, such as connections and buffers, is here after this.
        client().run(idle(), "true");
        removeWhatWasMade();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        filesBefore = openFiles();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        removeWhatWasMade();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(listing("run/fifos")).as("FIFOs").isEmpty());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(listing("spill"))
                        .as("files of output that nobody read")
                        .isEmpty());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(openFiles().size())
                        .as("open files beyond %s: %s", filesBefore, openFiles())
                        .isLessThanOrEqualTo(filesBefore.size()));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        var ended = live;
        if (ended == null) {
            return;
        }
        ended.client().close();
        ended.server().close();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet().stream()
                                .filter(t -> !ended.threadsBefore().contains(t) && t.isAlive())
                                .map(Thread::getName)
                                .filter(LiveServer::isOurs))
                        .as("threads that are left")
                        .isEmpty());
        try (var files = Files.walk(ended.dir())) {
            for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Not those that gRPC, Netty, the JDK and the tests' own tools keep for the next user. */
    private static boolean isOurs(String name) {
        return List.of("hawse", "call-", "containerd", "reactor").stream().anyMatch(name::startsWith);
    }

    private void removeWhatWasMade() {
        for (var id = made.poll(); id != null; id = made.poll()) {
            try {
                client().containers().remove(id, true);
            } catch (HawseException e) {
                assertThat(e.reason()).isEqualTo(HawseException.Reason.CONTAINER_NOT_FOUND);
            }
        }
    }

    private List<String> listing(String folder) {
        try (var files = Files.list(live().dir().resolve(folder))) {
            return files.map(Path::toString).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What this process's descriptors are, but for those through which it looks at them, and jars. */
    private static List<String> openFiles() {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(LiveServer::target)
                    .filter(t -> !t.isEmpty() && !t.startsWith("/proc/") && !t.endsWith(".jar") && !t.endsWith(".so"))
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
