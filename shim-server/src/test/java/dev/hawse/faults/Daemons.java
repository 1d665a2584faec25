package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.Container;
import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.Containers;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.LoadListener;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.faults.Hawsed.Setup;
import dev.hawse.testing.NamespaceCensus;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A containerd and a server of a test class's own, both processes, with busybox loaded. Tests may kill and freeze either:
 * before each test both run and serve. After each test what it made is removed, and then nothing of it may be left, neither
 * in containerd nor of shims, FIFOs and logs.
 */
public final class Daemons implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String namespace =
            "hawse-faults-" + UUID.randomUUID().toString().substring(0, 8);
    private final ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();
    private @Nullable Path dir;
    private @Nullable PrivateContainerd containerd;
    private @Nullable Hawsed hawsed;
    private @Nullable ContainerdClient direct;

    public PrivateContainerd containerd() {
        return Objects.requireNonNull(containerd, "the daemons must be a static field with @RegisterExtension");
    }

    public Hawsed hawsed() {
        return Objects.requireNonNull(hawsed);
    }

    /** The server's client, of its life of now. */
    public HawseClient client() {
        return hawsed().client();
    }

    public Containers containers() {
        return client().containers();
    }

    /** containerd in the server's namespace, past the server. */
    public ContainerdClient direct() {
        return Objects.requireNonNull(direct);
    }

    public Path dir() {
        return Objects.requireNonNull(dir);
    }

    public static ContainerSpec.Builder busybox(String... args) {
        return ContainerSpec.builder(TestImages.BUSYBOX, args);
    }

    /** Creates a container, which goes with the test. */
    public Container create(ContainerSpec.Builder spec) {
        var created = containers().create(spec.build()).container();
        made.add(created.id());
        return created;
    }

    /** Starts a container, which goes with the test. */
    public Container run(ContainerSpec.Builder spec) {
        return containers().start(create(spec).id());
    }

    /** Starts a container in which commands can be executed, and answers its id. */
    public String idle() {
        return run(busybox("sleep", "100000")).id();
    }

    /** Kills the server and starts it anew. */
    public void restart(Setup setup) throws IOException {
        hawsed().kill();
        hawsed().start(setup);
    }

    /** Kills containerd and starts it anew; returns when the server has found it again. */
    public void restartContainerd() throws IOException {
        containerd().kill();
        containerd().start();
        awaitContainerd();
    }

    /** Kills both, and takes away what a restart of the host does. */
    public void loseWhatRan() {
        hawsed().kill();
        containerd().loseWhatRan();
        Processes.run(
                "rm",
                "-rf",
                "/run/containerd/runc/" + namespace,
                hawsed().runDir().toString());
    }

    /** Returns when containerd answers the server. */
    public void awaitContainerd() {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> client().runtimes().list().getFirst().available());
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        dir = Files.createTempDirectory("hawse-f");
        var containerdDir = Files.createDirectory(dir.resolve("c"));
        containerd = new PrivateContainerd(containerdDir);
        containerd.start();
        hawsed = new Hawsed(dir, containerd.socket(), namespace);
        direct = new ContainerdClient(containerd.socket(), namespace);
        hawsed.start(Setup.PLAIN);
        client().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), LoadListener.NONE);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (!ProcessHandle.of(containerd().pid()).map(ProcessHandle::isAlive).orElse(false)) {
            containerd().start();
        }
        if (!ProcessHandle.of(hawsed().pid()).map(ProcessHandle::isAlive).orElse(false)) {
            hawsed().start(Setup.PLAIN);
        }
        awaitContainerd();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        beforeEach(context);
        for (var id = made.poll(); id != null; id = made.poll()) {
            remove(id);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(leftovers())
                        .as("what is left, by the server's log%n%s", hawsed().log())
                        .isEmpty());
    }

    private void remove(String id) {
        try {
            containers().remove(id, true);
        } catch (HawseException e) {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(HawseException.Code.NOT_FOUND);
        }
    }

    /** Everything of containers that is there now, a line each; images and their layers are not counted. */
    public List<String> leftovers() {
        var left = new TreeSet<String>();
        NamespaceCensus.take(direct()).stream()
                .filter(line -> !line.startsWith("image ") && !line.startsWith("content ") && !isLayer(line))
                .forEach(left::add);
        containers().stream(ContainerFilter.ALL).forEach(c -> left.add("container known to the server " + c.id()));
        containerd().shims().forEach(pid -> left.add("shim " + pid));
        below(hawsed().runDir().resolve("fifos"), left);
        below(hawsed().stateDir().resolve("logs"), left);
        return List.copyOf(left);
    }

    /** Layers are named by their digest, containers' root file systems by their id. */
    private static boolean isLayer(String line) {
        return line.startsWith("snapshot ") && line.contains("sha256:");
    }

    private static void below(Path folder, Set<String> left) {
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> left.add("file " + file));
        } catch (NoSuchFileException none) {
            // Nothing was ever put there.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (dir == null) {
            return;
        }
        if (direct != null) {
            direct.close();
        }
        hawsed().thaw();
        Processes.signal(hawsed().pid(), "TERM");
        hawsed().awaitEnd();
        hawsed().close();
        containerd().close();
        assertThat(Processes.run("rm", "-rf", dir.toString())).isZero();
        Processes.run(
                "sh",
                "-c",
                "rmdir /run/containerd/runc/" + namespace + " /sys/fs/cgroup/*/" + namespace + " /sys/fs/cgroup/"
                        + namespace + " 2>/dev/null");
    }
}
