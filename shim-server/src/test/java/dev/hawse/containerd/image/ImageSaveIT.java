package dev.hawse.containerd.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawse.containerd.api.services.content.v1.DeleteContentRequest;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.testing.Compression;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.OciLayout;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
final class ImageSaveIT {

    @RegisterExtension
    static final ContainerdFixture containerd = new ContainerdFixture();

    private final ContainerdImages images = new ContainerdImages(containerd.client(), () -> "overlayfs");

    @AfterEach
    void removeImages() {
        images.list().forEach(image -> images.remove(image.name(), true));
    }

    private byte[] save(String... names) throws IOException {
        var out = new ByteArrayOutputStream();
        images.save(List.of(names), out);
        return out.toByteArray();
    }

    /** As on another machine: nothing of the images is here any more. */
    private List<Image> loadAgain(byte[] archive) throws IOException {
        removeImages();
        assertThat(containerd.contents()).isEmpty();
        return Loads.load(images, archive);
    }

    @Test
    void whatIsSavedLoadsAgainAsItWas() throws IOException {
        var before = Loads.load(images, TestImages.busyboxArchive()).getFirst();
        var after = loadAgain(save("hawse/busybox:test")).getFirst();
        assertThat(after).usingRecursiveComparison().ignoringFields("updatedAt").isEqualTo(before);
        assertThat(images.resolveForRun(before.name()).topChainId()).isNotEmpty();
    }

    @Test
    void severalImagesAndNamesShareTheirContent() throws IOException {
        var base = TestImages.busybox();
        Loads.load(
                images,
                new DockerArchive()
                        .image(base, "a:1", "a:2")
                        .image(base.withLayer(t -> t.file("more", "x")), "b:1")
                        .bytes());
        var archive = save("a:1", "a:2", "b:1");
        assertThat(entries(archive))
                .startsWith("oci-layout", "index.json", "manifest.json")
                .doesNotHaveDuplicates()
                .filteredOn(n -> n.matches("blobs/sha256/[0-9a-f]{64}"))
                // Two manifests, two configurations, two layers.
                .hasSize(6);
        assertThat(loadAgain(archive))
                .extracting(Image::name)
                .containsExactly("docker.io/library/a:1", "docker.io/library/a:2", "docker.io/library/b:1");
    }

    @Test
    void theDockerHalfOfTheArchiveIsWholeByItself() throws IOException {
        Loads.load(images, TestImages.busyboxArchive());
        var archive = save("hawse/busybox:test");
        var dockerOnly = new dev.hawse.testing.TarBuilder();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile() && !List.of("oci-layout", "index.json").contains(entry.getName())) {
                    dockerOnly.file(entry.getName(), tar.readAllBytes());
                }
            }
        }
        assertThat(loadAgain(dockerOnly.bytes())).extracting(Image::name).containsExactly(TestImages.BUSYBOX);
    }

    @Test
    void platformsThatAreNotHereAreLeftOut() throws IOException {
        var layout = new OciLayout();
        var mine = TestImages.tiny("mine");
        var index = layout.index(List.of(
                layout.manifest(TestImages.tiny("z").forPlatform("linux", "s390x"), Compression.GZIP),
                layout.manifest(mine, Compression.ZSTD)));
        var loaded = Loads.load(images, layout.archive(layout.named("docker.io/library/m:1", index)));
        containerd.collectGarbage();
        var again = loadAgain(save("m:1")).getFirst();
        assertThat(again.configDigest()).isEqualTo(loaded.getFirst().configDigest());
        assertThat(again.digest()).isNotEqualTo(loaded.getFirst().digest());
    }

    @Test
    void anIndexThatIsWholeStaysAsItIs() throws IOException {
        var layout = new OciLayout();
        var index = layout.index(List.of(layout.manifest(TestImages.tiny("mine"), Compression.ZSTD)));
        var loaded = Loads.load(images, layout.archive(layout.named("docker.io/library/m:1", index)));
        assertThat(loadAgain(save("m:1")).getFirst().digest())
                .isEqualTo(loaded.getFirst().digest());
    }

    @Test
    void nothingIsWrittenOfAnImageThatIsNotWhole() throws IOException {
        var loaded = Loads.load(images, TestImages.busyboxArchive()).getFirst();
        containerd
                .client()
                .content()
                .delete(DeleteContentRequest.newBuilder()
                        .setDigest(loaded.layerDigests().getFirst())
                        .build());
        var out = new ByteArrayOutputStream();
        var failure = catchThrowableOfType(RuntimeFailure.class, () -> images.save(List.of(loaded.name()), out));
        assertThat(failure.reason()).isEqualTo(Reason.IMAGE_NOT_FOUND);
        assertThat(failure.getMessage()).contains("is not whole");
        assertThat(out.size()).isZero();
    }

    private static List<String> entries(byte[] archive) throws IOException {
        var names = new ArrayList<String>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }
}
