package dev.hawse.containerd.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hawse.containerd.api.services.containers.v1.Container;
import dev.hawse.containerd.api.services.containers.v1.CreateContainerRequest;
import dev.hawse.containerd.api.services.containers.v1.DeleteContainerRequest;
import dev.hawse.containerd.api.services.images.v1.UpdateImageRequest;
import dev.hawse.containerd.api.services.snapshots.v1.PrepareSnapshotRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.testing.Compression;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.OciLayout;
import dev.hawse.testing.TestImage;
import dev.hawse.testing.TestImages;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
final class ContainerdImagesIT {

    private static final String ONE = "docker.io/library/one:1";
    private static final TestImage IMAGE = TestImages.tiny("one").with("Labels", Map.of("a", "b"));

    @RegisterExtension
    static final ContainerdFixture containerd = new ContainerdFixture();

    private final ContainerdClient client = containerd.client();
    private final ContainerdImages images = new ContainerdImages(client, () -> "overlayfs");

    @AfterEach
    void removeImages() {
        new Names(client).all().forEach(image -> new Names(client).delete(image.getName()));
    }

    private Image loadOne() throws IOException {
        return Loads.load(images, new DockerArchive().image(IMAGE, "one:1").bytes())
                .getFirst();
    }

    @Test
    void anImageIsFoundByEveryFormOfItsName() throws IOException {
        var one = loadOne();
        for (var name : List.of(
                "one:1",
                ONE,
                "library/one:1",
                "index.docker.io/library/one:1",
                "one@" + one.digest(),
                one.digest(),
                one.digest().substring(7),
                one.digest().substring(0, 13),
                one.configDigest(),
                one.configDigest().substring(7, 19))) {
            assertThat(images.get(name)).as(name).isEqualTo(one);
        }
        assertThat(one.config().labels()).containsExactly(Map.entry("a", "b"));
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        loadOne();
        for (var name :
                List.of("two", "one:2", "sha256:" + "0".repeat(64), "0".repeat(12), "one@sha256:" + "0".repeat(64))) {
            var failure = catchThrowableOfType(RuntimeFailure.class, () -> images.get(name));
            assertThat(failure.reason()).as(name).isEqualTo(Reason.IMAGE_NOT_FOUND);
        }
        var invalid = catchThrowableOfType(RuntimeFailure.class, () -> images.get("UPPER/x"));
        assertThat(invalid.reason()).isEqualTo(Reason.INVALID_FIELD);
    }

    @Test
    void aTagIsAnotherNameAndMayMove() throws IOException {
        var one = loadOne();
        var tagged = images.tag("one:1", "quay.io/team/app:v1");
        assertThat(tagged.name()).isEqualTo("quay.io/team/app:v1");
        assertThat(tagged.digest()).isEqualTo(one.digest());
        assertThat(images.list()).extracting(Image::name).containsExactly(ONE, "quay.io/team/app:v1");
        Loads.load(
                images,
                new DockerArchive().image(TestImages.tiny("two"), "two:1").bytes());
        var moved = images.tag("two:1", "quay.io/team/app:v1");
        assertThat(moved.digest()).isNotEqualTo(one.digest());
        assertThat(images.get("quay.io/team/app:v1").digest()).isEqualTo(moved.digest());
        var failure = catchThrowableOfType(RuntimeFailure.class, () -> images.tag("one:1", "a@" + one.digest()));
        assertThat(failure.violations())
                .singleElement()
                .satisfies(v -> assertThat(v.field()).isEqualTo("name"));
    }

    @Test
    void removalByNameKeepsOtherNamesAndByDigestTakesAll() throws IOException {
        var one = loadOne();
        images.tag("one:1", "b:1");
        images.tag("one:1", "c:1");
        var first = images.remove("b:1", false);
        assertThat(first.untagged()).containsExactly("docker.io/library/b:1");
        assertThat(first.deleted()).isEmpty();
        var rest = images.remove(one.configDigest().substring(7, 20), false);
        assertThat(rest.untagged()).containsExactly("docker.io/library/c:1", ONE);
        assertThat(rest.deleted()).containsExactly(one.digest());
        assertThat(images.list()).isEmpty();
        assertThat(containerd.contents()).isEmpty();
    }

    @Test
    void anImageInUseIsKeptUnlessForced() throws IOException {
        loadOne();
        var unpacked = images.resolveForRun("one:1");
        try (var lease = client.lease(Duration.ofMinutes(1))) {
            lease.client()
                    .snapshots()
                    .prepare(PrepareSnapshotRequest.newBuilder()
                            .setSnapshotter("overlayfs")
                            .setKey("c1")
                            .setParent(unpacked.topChainId())
                            .build());
            createContainer("c1", "", "c1");
        }
        createContainer("c2", "docker.io/library/named:1", "");
        try {
            images.tag("one:1", "named:1");
            images.tag("one:1", "free:1");
            // Another name keeps the content that c1 is made from.
            assertThat(images.remove("free:1", false).untagged()).hasSize(1);
            var byName = catchThrowableOfType(RuntimeFailure.class, () -> images.remove("named:1", false));
            assertThat(byName.reason()).isEqualTo(Reason.IMAGE_IN_USE);
            assertThat(byName.getMessage()).contains("used by container c2");
            images.remove("named:1", true);
            var bySnapshot = catchThrowableOfType(RuntimeFailure.class, () -> images.remove("one:1", false));
            assertThat(bySnapshot.reason()).isEqualTo(Reason.IMAGE_IN_USE);
            assertThat(bySnapshot.getMessage()).contains("used by container c1");
            assertThat(images.remove("one:1", true).deleted()).hasSize(1);
            containerd.collectGarbage();
            assertThat(Unpacker.exists(client, "overlayfs", unpacked.topChainId()))
                    .as("the container's layers stay")
                    .isTrue();
        } finally {
            // c1's snapshot goes with it, by collection.
            client.containers()
                    .delete(DeleteContainerRequest.newBuilder().setId("c1").build());
            client.containers()
                    .delete(DeleteContainerRequest.newBuilder().setId("c2").build());
        }
    }

    private void createContainer(String id, String image, String snapshot) {
        client.containers()
                .create(CreateContainerRequest.newBuilder()
                        .setContainer(Container.newBuilder()
                                .setId(id)
                                .setImage(image)
                                .setSnapshotter(snapshot.isEmpty() ? "" : "overlayfs")
                                .setSnapshotKey(snapshot)
                                .setRuntime(Container.Runtime.newBuilder().setName("io.containerd.runc.v2"))
                                .setSpec(Any.newBuilder()
                                        .setTypeUrl("types.containerd.io/opencontainers/runtime-spec/1/Spec")
                                        .setValue(ByteString.copyFromUtf8("{}"))))
                        .build());
    }

    @Test
    void namesOfOtherProgramsWithoutContentDisturbNobody() throws IOException {
        var one = loadOne();
        new Names(client)
                .put("docker.io/library/gone:1", Descriptor.of(MediaTypes.OCI_INDEX, "sha256:" + "a".repeat(64), 10));
        assertThat(images.list()).containsExactly(one);
        var failure = catchThrowableOfType(RuntimeFailure.class, () -> images.get("gone:1"));
        assertThat(failure.reason()).isEqualTo(Reason.IMAGE_NOT_FOUND);
        assertThat(failure.getMessage()).contains("gone:1 has a name but no content here");
        assertThat(images.remove("sha256:aaaaaaaa", false).untagged()).hasSize(1);
    }

    @Test
    void anotherSnapshotterIsFilledWhenItIsNeeded() throws IOException {
        loadOne();
        var nativeImages = new ContainerdImages(client, () -> "native");
        var unpacked = nativeImages.resolveForRun("one:1");
        containerd.collectGarbage();
        assertThat(Unpacker.exists(client, "native", unpacked.topChainId())).isTrue();
        assertThat(Unpacker.exists(client, "overlayfs", unpacked.topChainId())).isTrue();
    }

    @Test
    void anImageForAnotherPlatformIsListedButDoesNotRun() throws IOException {
        var foreign =
                new ContainerdImages(client, () -> "overlayfs", new Platform("linux", "s390x", ""), LoadLimits.DEFAULT);
        var image = TestImages.tiny("z").forPlatform("linux", "s390x");
        Loads.load(foreign, new DockerArchive().image(image, "z:1").bytes());
        assertThat(images.list()).extracting(Image::platform).containsExactly("linux/s390x");
        var failure = catchThrowableOfType(RuntimeFailure.class, () -> images.resolveForRun("z:1"));
        assertThat(failure.reason()).isEqualTo(Reason.PLATFORM_MISMATCH);
        assertThat(failure.getMessage()).contains("it is for linux/s390x");
    }

    @Test
    void anAmbiguousPrefixIsRefused() throws IOException {
        var one = loadOne();
        var names = new Names(client);
        // A target that shares a prefix with another cannot be made honestly.
        var twin = one.digest().substring(0, 20) + "f".repeat(51);
        names.put("docker.io/library/twin:1", Descriptor.of(MediaTypes.OCI_MANIFEST, twin, 1));
        var failure = catchThrowableOfType(
                RuntimeFailure.class, () -> images.get(one.digest().substring(0, 15)));
        assertThat(failure.reason()).isEqualTo(Reason.AMBIGUOUS_ID);
        assertThat(failure.getMessage()).contains(one.digest()).contains(twin);
    }

    @Test
    void labelsOfOtherProgramsSurviveLoadingAgain() throws IOException {
        var layout = new OciLayout();
        var index = layout.index(List.of(layout.manifest(IMAGE, Compression.GZIP)));
        var archive = layout.archive(layout.named(ONE, index));
        Loads.load(images, archive);
        var target = images.get(ONE).digest();
        new Content(client).label(target, Map.of("example.com/mine", "kept"));
        client.images()
                .update(UpdateImageRequest.newBuilder()
                        .setImage(new Names(client)
                                .find(ONE).orElseThrow().toBuilder().putLabels("k", "v"))
                        .setUpdateMask(
                                com.google.protobuf.FieldMask.newBuilder().addPaths("labels"))
                        .build());
        Loads.load(images, archive);
        assertThat(new Content(client).labels(target))
                .containsEntry("example.com/mine", "kept")
                .containsKey("containerd.io/gc.ref.content.m.0")
                .doesNotContainKey("containerd.io/gc.ref.content.m.1");
        assertThat(new Names(client).find(ONE).orElseThrow().getLabelsMap()).containsEntry("k", "v");
    }

    @Test
    void theChosenSnapshotterWorks() throws IOException {
        var chosen = SnapshotterChoice.choose(client);
        assertThat(chosen).isIn("overlayfs", "native");
        var chosenImages = new ContainerdImages(client, () -> chosen);
        Loads.load(chosenImages, new DockerArchive().image(IMAGE, "one:1").bytes());
        assertThat(Unpacker.exists(
                        client, chosen, chosenImages.resolveForRun("one:1").topChainId()))
                .isTrue();
    }

    @Test
    void withoutADaemonTheFailureSaysSo() {
        try (var nobody = new ContainerdClient(java.nio.file.Path.of("/nonexistent/containerd.sock"), "x")) {
            var failure = catchThrowableOfType(
                    RuntimeFailure.class, () -> new ContainerdImages(nobody, () -> "overlayfs").list());
            assertThat(failure.reason()).isEqualTo(Reason.RUNTIME_UNAVAILABLE);
        }
    }
}
