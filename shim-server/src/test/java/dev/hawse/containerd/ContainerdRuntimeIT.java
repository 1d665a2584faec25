package dev.hawse.containerd;

import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerRuntimeContract;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageOperations.LoadListener;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real containerd. */
final class ContainerdRuntimeIT extends ContainerRuntimeContract {

    @RegisterExtension
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @TempDir
    static Path dir;

    private static ContainerdRuntime runtime;

    @BeforeAll
    static void open() throws Exception {
        runtime = ContainerdRuntime.open(new ContainerdSettings(
                CONTAINERD.socket(),
                CONTAINERD.namespace(),
                "overlayfs",
                Map.of("runc", "runc"),
                dir.resolve("fifo"),
                dir.resolve("logs"),
                8,
                Duration.ofSeconds(2)));
        runtime.synced().get(10, TimeUnit.SECONDS);
        runtime.images().load(new ByteArrayInputStream(TestImages.busyboxArchive()), "", new LoadListener() {
            @Override
            public void reading(long bytes) {}

            @Override
            public void unpacking(String image, String layerDigest, int layersDone, int layers) {}

            @Override
            public void loaded(Image image) {}
        });
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @Override
    protected ContainerRuntime runtime() {
        return runtime;
    }
}
