package dev.hawse.containerd.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawse.containerd.api.services.content.v1.ListStatusesRequest;
import dev.hawse.containerd.api.services.images.v1.ListImagesRequest;
import dev.hawse.containerd.api.services.leases.v1.ListRequest;
import dev.hawse.containerd.api.services.snapshots.v1.ListSnapshotsRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.testing.Compression;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.OciLayout;
import dev.hawse.testing.TarBuilder;
import dev.hawse.testing.TestImage;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class ImageLoadIT {

    private static final String NAME = "docker.io/library/x:1";

    @RegisterExtension
    static final ContainerdFixture containerd = new ContainerdFixture();

    private final ContainerdImages images = new ContainerdImages(containerd.client(), () -> "overlayfs");

    @AfterEach
    void removeImages() {
        images.list().forEach(image -> images.remove(image.name(), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlayfs", "native"})
    void busyboxIsReadyToRun(String snapshotter) throws IOException {
        var images = new ContainerdImages(containerd.client(), () -> snapshotter);
        var listener = new Loads();
        var archive = TestImages.busyboxArchive();
        var loaded = images.load(new ByteArrayInputStream(archive), "", listener);
        assertThat(loaded).singleElement().satisfies(image -> {
            assertThat(image.name()).isEqualTo(TestImages.BUSYBOX);
            assertThat(image.platform()).isEqualTo("linux/" + TestImages.architecture());
            assertThat(image.config().cmd()).containsExactly("sh");
            assertThat(image.layerDigests()).isEqualTo(TestImages.busybox().diffIds());
            assertThat(image.sizeBytes())
                    .isEqualTo(TestImages.busybox().layers().getFirst().length);
            assertThat(image.builtAt()).isEqualTo("2026-01-02T03:04:05Z");
        });
        assertThat(listener.told)
                .containsExactly(TestImages.BUSYBOX + " 0/1", TestImages.BUSYBOX + " 1/1", TestImages.BUSYBOX);
        assertThat(listener.read).isEqualTo(archive.length);
        containerd.collectGarbage();
        var unpacked = images.resolveForRun(TestImages.BUSYBOX);
        assertThat(unpacked.topChainId())
                .isEqualTo(TestImages.busybox().diffIds().getFirst());
        assertThat(Unpacker.exists(containerd.client(), snapshotter, unpacked.topChainId()))
                .isTrue();
        assertThat(images.get(TestImages.BUSYBOX)).isEqualTo(loaded.getFirst());
    }

    @ParameterizedTest
    @CsvSource({"PLAIN,GZIP", "GZIP,ZSTD", "ZSTD,PLAIN"})
    void layoutsLoadWhateverIsCompressed(Compression layers, Compression outer) throws IOException {
        var layout = new OciLayout();
        var image = large(7).withLayer(t -> t.whiteout("big").file("new", "x"));
        var archive = layout.archive(layout.named(NAME, layout.manifest(image, layers)));
        Loads.load(images, outer.of(archive));
        containerd.collectGarbage();
        var unpacked = images.resolveForRun(NAME);
        assertThat(unpacked.layers()).extracting(LayerDescriptor::diffId).isEqualTo(image.diffIds());
        assertThat(Unpacker.exists(containerd.client(), "overlayfs", unpacked.topChainId()))
                .isTrue();
    }

    @Test
    void aLayerForThisPlatformComesFromAnIndexAndSurvivesCollection() throws IOException {
        var layout = new OciLayout();
        var image = TestImages.tiny("mine");
        var index = layout.index(List.of(
                layout.manifest(TestImages.tiny("foreign").forPlatform("linux", "s390x"), Compression.GZIP),
                layout.manifest(image, Compression.GZIP)));
        Loads.load(images, layout.archive(layout.named(NAME, layout.index(List.of(index)))));
        containerd.collectGarbage();
        assertThat(images.get(NAME).configDigest()).isEqualTo(Digests.of(image.configJson()));
        assertThat(images.resolveForRun(NAME).topChainId())
                .isEqualTo(image.diffIds().getFirst());
    }

    @Test
    void loadingTwiceAndAtOnceIsTheSame() throws Exception {
        var archive = new DockerArchive().image(large(8), NAME).bytes();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var loads = new ArrayList<java.util.concurrent.Future<List<dev.hawse.runtime.Image>>>();
            for (var i = 0; i < 4; i++) {
                loads.add(threads.submit(() -> Loads.load(images, archive)));
            }
            for (var load : loads) {
                assertThat(load.get().getFirst().name()).isEqualTo(NAME);
            }
        }
        assertThat(Loads.load(images, archive)).hasSize(1);
        containerd.collectGarbage();
        assertThat(images.resolveForRun(NAME).layers()).hasSize(1);
    }

    @Test
    void contentOfAnotherNamespaceIsTakenOver() throws IOException {
        var layout = new OciLayout();
        var image = large(9);
        var archive = layout.archive(layout.named(NAME, layout.manifest(image, Compression.PLAIN)));
        try (var other = new ContainerdClient(containerd.socket(), containerd.namespace() + "-other")) {
            var others = new ContainerdImages(other, () -> "native");
            Loads.load(others, archive);
            try {
                Loads.load(images, archive);
                containerd.collectGarbage();
                assertThat(images.resolveForRun(NAME).layers()).hasSize(1);
            } finally {
                others.remove(NAME, true);
                var lease = other.leases()
                        .create(dev.hawse.containerd.api.services.leases.v1.CreateRequest.getDefaultInstance())
                        .getLease();
                other.leases()
                        .delete(dev.hawse.containerd.api.services.leases.v1.DeleteRequest.newBuilder()
                                .setId(lease.getId())
                                .setSync(true)
                                .build());
                other.namespaces()
                        .delete(dev.hawse.containerd.api.services.namespaces.v1.DeleteNamespaceRequest.newBuilder()
                                .setName(other.namespace())
                                .build());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD"})
    void aLayerThatUnpacksToSomethingElseLeavesNothing(Compression compression) {
        var layout = new OciLayout();
        var honest = large(3);
        var layer = layout.blob(
                compression.layerType(), compression.of(large(4).layers().getFirst()));
        var config = layout.blob(OciLayout.CONFIG, honest.configJson());
        var failure = refused(layout.archive(layout.named(NAME, manifest(layout, config, layer))));
        assertThat(failure.reason()).isEqualTo(Reason.DIGEST_MISMATCH);
        expectNothing();
    }

    @Test
    void aLayerThatIsNoTarLeavesNothing() {
        var layout = new OciLayout();
        var junk = new byte[500_000];
        new Random(1).nextBytes(junk);
        var image = new TestImage("linux", TestImages.architecture(), Map.of(), List.of(junk));
        var failure = refused(layout.archive(layout.named(NAME, layout.manifest(image, Compression.GZIP))));
        assertThat(failure.reason()).isEqualTo(Reason.INVALID_ARCHIVE);
        assertThat(failure.getMessage()).contains("cannot be unpacked");
        expectNothing();
    }

    @Test
    void aLargeBlobUnderAWrongDigestLeavesNothing() {
        var archive = TarBuilder.tar(t -> t.file("blobs/sha256/" + "0".repeat(64), new byte[3_000_000]));
        assertThat(refused(archive).reason()).isEqualTo(Reason.DIGEST_MISMATCH);
        expectNothing();
    }

    @Test
    void aTruncatedArchiveLeavesNothing() {
        var archive = new DockerArchive().image(large(5), NAME).bytes();
        assertThat(refused(Arrays.copyOf(archive, archive.length / 2)).reason()).isEqualTo(Reason.INVALID_ARCHIVE);
        expectNothing();
    }

    @Test
    void oneBadImageOfTwoNamesNone() {
        var layout = new OciLayout();
        var good = layout.named("docker.io/library/good:1", layout.manifest(TestImages.tiny("g"), Compression.GZIP));
        var bad = layout.manifest(large(6), Compression.PLAIN);
        layout.forget(large(6).diffIds().getFirst());
        assertThat(refused(layout.archive(List.of(good, layout.named(NAME, bad))))
                        .reason())
                .isEqualTo(Reason.INVALID_ARCHIVE);
        expectNothing();
    }

    @Test
    void anInterruptDuringABlobLeavesNothing() throws Exception {
        var archive = new DockerArchive().image(large(10), NAME).bytes();
        var stuck = new CountDownLatch(1);
        var source =
                new SequenceInputStream(new ByteArrayInputStream(archive, 0, archive.length / 2), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        stuck.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            throw new InterruptedIOException("interrupted");
                        }
                        return -1;
                    }

                    @Override
                    public int read(byte[] b, int off, int len) throws IOException {
                        return read();
                    }
                });
        var thrown = new ArrayList<Throwable>();
        var loader = Thread.ofVirtual().start(() -> {
            try {
                images.load(source, "", new Loads());
            } catch (IOException | RuntimeException e) {
                thrown.add(e);
            }
        });
        stuck.await();
        loader.interrupt();
        loader.join();
        assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
        expectNothing();
    }

    @Test
    void anInterruptDuringUnpackingLeavesNothing() throws Exception {
        var archive = new DockerArchive()
                .image(large(11).withLayer(t -> t.file("more", "x")), NAME)
                .bytes();
        var thrown = new ArrayList<Throwable>();
        var loader = Thread.ofVirtual().start(() -> {
            try {
                images.load(new ByteArrayInputStream(archive), "", new Loads() {
                    @Override
                    public void unpacking(String image, String layer, int done, int all) {
                        if (done == 1) {
                            Thread.currentThread().interrupt();
                        }
                    }
                });
            } catch (IOException | RuntimeException e) {
                thrown.add(e);
            }
        });
        loader.join();
        assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
        expectNothing();
    }

    @Test
    void aWrongBaseNameIsRefusedBeforeReading() {
        assertThatThrownBy(() -> images.load(InputStream.nullInputStream(), "a:1", new Loads()))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageContaining("base_name");
    }

    private RuntimeFailure refused(byte[] archive) {
        return catchThrowableOfType(RuntimeFailure.class, () -> Loads.load(images, archive));
    }

    private static Map<String, Object> manifest(
            OciLayout layout, Map<String, Object> config, Map<String, Object> layer) {
        var json = """
                {"schemaVersion":2,"config":{"mediaType":"%s","digest":"%s","size":%s},
                 "layers":[{"mediaType":"%s","digest":"%s","size":%s}]}
                """.formatted(
                        config.get("mediaType"),
                        config.get("digest"),
                        config.get("size"),
                        layer.get("mediaType"),
                        layer.get("digest"),
                        layer.get("size"));
        return layout.blob(OciLayout.MANIFEST, json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Larger than one write's window of chunks, and not compressible. */
    private static TestImage large(int seed) {
        var bytes = new byte[4_000_000];
        new Random(seed).nextBytes(bytes);
        return new TestImage("linux", TestImages.architecture(), Map.of(), List.of())
                .withLayer(t -> t.file("big", bytes));
    }

    /** At once, without a collection. */
    private static void expectNothing() {
        var client = containerd.client();
        assertThat(client.images().list(ListImagesRequest.getDefaultInstance()).getImagesList())
                .isEmpty();
        assertThat(client.leases().list(ListRequest.getDefaultInstance()).getLeasesList())
                .isEmpty();
        assertThat(client.content()
                        .listStatuses(ListStatusesRequest.getDefaultInstance())
                        .getStatusesList())
                .isEmpty();
        var extracts = new ArrayList<String>();
        client.snapshots()
                .list(ListSnapshotsRequest.newBuilder()
                        .setSnapshotter("overlayfs")
                        .build())
                .forEachRemaining(page -> page.getInfoList().forEach(info -> extracts.add(info.getName())));
        assertThat(extracts).noneMatch(name -> name.startsWith("extract-"));
    }
}
