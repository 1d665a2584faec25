package dev.hawse.containerd;

import dev.hawse.runtime.BindPolicy;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.LocalCensus;
import dev.hawse.testing.NoListener;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The adapter on a real containerd, with busybox loaded, one per test class. After each test nothing of it may be left: in
 * containerd, as {@link ContainerdFixture} looks for it, and on our side, as {@link LocalCensus} does.
 */
final class ContainerdEngine implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private final ContainerdFixture containerd = new ContainerdFixture();
    private @Nullable Path dir;
    private @Nullable ContainerdRuntime runtime;
    private LocalCensus before = LocalCensus.NOTHING;

    ContainerdRuntime runtime() {
        return Objects.requireNonNull(runtime);
    }

    ContainerdFixture containerd() {
        return containerd;
    }

    Path fifoDir() {
        return dir().resolve("fifo");
    }

    private Path dir() {
        return Objects.requireNonNull(dir);
    }

    /** Logs in a folder whose name no URI takes as it is, in files that are soon full. */
    static ContainerdSettings.Logs logs(Path dir) {
        return new ContainerdSettings.Logs(dir.resolve("logs, 100% & +"), dir.resolve("bin ü"), 1 << 20, 32);
    }

    Path logDir() {
        return settings().logs().dir();
    }

    ContainerdSettings settings() {
        return new ContainerdSettings(
                containerd.socket(),
                containerd.namespace(),
                "auto",
                Map.of("runc", "runc"),
                fifoDir(),
                logs(dir()),
                BindPolicy.everything(),
                8,
                Duration.ofSeconds(2));
    }

    /** Opens another adapter on the same namespace and folders, after the first one was closed. */
    ContainerdRuntime reopen() throws Exception {
        runtime = ContainerdRuntime.open(settings(), List.of());
        runtime.synced().get(10, TimeUnit.SECONDS);
        return runtime;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        containerd.beforeAll(context);
        dir = Files.createTempDirectory("hawse-engine");
        Files.createDirectory(logDir());
        reopen().images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), "", new NoListener());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        containerd.beforeEach(context);
        before = LocalCensus.take(dir(), containerd.namespace());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            LocalCensus.expectNothingBeyond(before, dir(), containerd.namespace());
        } finally {
            containerd.afterEach(context);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        runtime().close();
        containerd.afterAll(context);
        try (var files = Files.walk(dir())) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
