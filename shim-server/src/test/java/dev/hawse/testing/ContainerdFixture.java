package dev.hawse.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.containerd.api.services.namespaces.v1.DeleteNamespaceRequest;
import dev.hawse.containerd.client.ContainerdClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A namespace of a real containerd, one per test class, gone when the class has run.
 *
 * <p>After each test the namespace must hold what it held before the test (so what {@code @BeforeAll} loads may stay), in
 * containers, tasks, snapshots, images, leases, ingests and content, within five seconds; else the test fails with a list
 * of what is left, and the namespace is swept.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final ContainerdFixture containerd = new ContainerdFixture();
 * }</pre>
 *
 * <p>containerd's socket comes from the system property or environment variable {@code CONTAINERD_ADDRESS}. Without it
 * tests fail; they are not skipped.
 */
public final class ContainerdFixture
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String namespace = "hawse-it-" + UUID.randomUUID().toString().substring(0, 13);
    private @Nullable ContainerdClient client;
    private Census before = new Census(Set.of());

    /** The client in this class's namespace; closed after the last test. */
    public ContainerdClient client() {
        if (client == null) {
            throw new IllegalStateException("the fixture must be a static field with @RegisterExtension");
        }
        return client;
    }

    public String namespace() {
        return namespace;
    }

    public Path socket() {
        return Optional.ofNullable(System.getProperty("CONTAINERD_ADDRESS"))
                .or(() -> Optional.ofNullable(System.getenv("CONTAINERD_ADDRESS")))
                .filter(a -> !a.isBlank())
                .map(Path::of)
                .orElseThrow(
                        () -> new IllegalStateException("these tests need a real containerd: set CONTAINERD_ADDRESS"
                                + " to its socket, as scripts/test does with a private one"));
    }

    /** Makes containerd collect its garbage, and returns when it has. */
    public void collectGarbage() {
        Census.collectGarbage(client());
    }

    /** What is in the namespace now, after a garbage collection, as lines like "image docker.io/library/x:1 sha256:…". */
    public Set<String> contents() {
        return new TreeSet<>(Census.take(client()).things());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        client = new ContainerdClient(socket(), namespace);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        before = Census.take(client());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        expectNothingBeyond(before, false);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (client == null) {
            return;
        }
        try (var closing = client) {
            Sweep.of(closing, true);
            expectNothingBeyond(new Census(Set.of()), true);
            closing.namespaces()
                    .delete(DeleteNamespaceRequest.newBuilder()
                            .setName(namespace)
                            .build());
        }
    }

    private void expectNothingBeyond(Census allowed, boolean imagesToo) {
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .pollDelay(Duration.ZERO)
                    .until(() -> Census.take(client()).without(allowed).isEmpty());
        } catch (ConditionTimeoutException _) {
            var left = Census.take(client()).without(allowed);
            var unswept = Sweep.of(client(), imagesToo);
            assertThat(left)
                    .as("what the test left in namespace " + namespace + " (unswept: " + unswept + ")")
                    .isEmpty();
        }
    }
}
