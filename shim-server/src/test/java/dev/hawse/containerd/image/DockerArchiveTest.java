package dev.hawse.containerd.image;

import static dev.hawse.containerd.image.Archives.names;
import static dev.hawse.containerd.image.Archives.plan;
import static dev.hawse.containerd.image.Archives.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.Reason;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.TarBuilder;
import dev.hawse.testing.TestImage;
import dev.hawse.testing.TestImages;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DockerArchiveTest {

    private static final TestImage TWO_LAYERS = TestImages.tiny("one")
            .forPlatform("linux", "amd64")
            .withLayer(t -> t.whiteout("content"))
            .with("Cmd", List.of("/bin/x"));

    @Test
    void classicArchiveKeepsOrderOfLayersAndConfiguration() throws IOException {
        var images = plan(new DockerArchive().image(TWO_LAYERS, "two:1").bytes());
        assertThat(names(images)).containsExactly("docker.io/library/two:1");
        var image = images.getFirst().image();
        assertThat(image.config().image().cmd()).containsExactly("/bin/x");
        assertThat(image.layers()).extracting(LayerDescriptor::digest).isEqualTo(TWO_LAYERS.diffIds());
        assertThat(image.manifest().config().digest()).isEqualTo(Digests.of(TWO_LAYERS.configJson()));
        assertThat(image.target().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    }

    @Test
    void severalImagesAndNamesAreAllThere() throws IOException {
        var other = TestImages.tiny("other").forPlatform("linux", "amd64");
        var images = plan(new DockerArchive()
                .image(TWO_LAYERS, "two:1", "localhost:5000/two:2")
                .image(other, "quay.io/x/other")
                .bytes());
        assertThat(names(images))
                .containsExactly("docker.io/library/two:1", "localhost:5000/two:2", "quay.io/x/other:latest");
    }

    @Test
    void manifestMayComeFirstAndLayersMayBeLinks() throws IOException {
        var layers = TWO_LAYERS.layers();
        var archive = TarBuilder.tar(t -> t.file(
                        "manifest.json",
                        "[{\"Config\":\"c.json\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"one/layer.tar\",\"./two/layer.tar\"]}]")
                .symlink("one/layer.tar", "../real.tar")
                .file("two/layer.tar", layers.get(1))
                .hardLink("real.tar", "three/layer.tar")
                .file("three/layer.tar", layers.get(0))
                .file("c.json", TWO_LAYERS.configJson()));
        assertThat(plan(archive).getFirst().image().layers())
                .extracting(LayerDescriptor::digest)
                .isEqualTo(TWO_LAYERS.diffIds());
    }

    @Test
    void compressedLayersGetTheirMediaType() throws IOException {
        for (var compression : dev.hawse.testing.Compression.values()) {
            var layer = compression.of(TWO_LAYERS.layers().getFirst());
            var image = TestImages.tiny("one").forPlatform("linux", "amd64");
            var archive = TarBuilder.tar(t -> t.file("l", layer)
                    .file("c", image.configJson())
                    .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"l\"]}]"));
            assertThat(plan(archive).getFirst().image().layers().getFirst().mediaType())
                    .isEqualTo(
                            compression == dev.hawse.testing.Compression.GZIP
                                    ? MediaTypes.DOCKER_LAYER_GZIP
                                    : MediaTypes.DOCKER_LAYER);
        }
    }

    @Test
    void imageWithoutNameNeedsABaseName() throws IOException {
        var archive = new DockerArchive().image(TWO_LAYERS).bytes();
        assertThat(refusal(archive).getMessage()).contains("has no name; load it with a base name");
        assertThat(names(plan(archive, "quay.io/team/app")))
                .singleElement()
                .asString()
                .matches("quay\\.io/team/app@sha256:[0-9a-f]{64}");
    }

    @Test
    void imageForAnotherPlatformIsRefusedByName() {
        var failure = refusal(new DockerArchive()
                .image(TWO_LAYERS.forPlatform("linux", "s390x"), "two:1")
                .bytes());
        assertThat(failure.reason()).isEqualTo(Reason.PLATFORM_MISMATCH);
        assertThat(failure.getMessage())
                .isEqualTo("image docker.io/library/two:1 has nothing for linux/amd64; it is for linux/s390x");
    }

    @Test
    void plainLayerThatIsNotTheConfiguredOneIsRefused() {
        var archive = TarBuilder.tar(t -> t.file("l", "not it")
                .file("c", TestImages.tiny("one").configJson())
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"l\"]}]"));
        assertThat(refusal(archive).reason()).isEqualTo(Reason.DIGEST_MISMATCH);
    }

    @Test
    void missingFilesAreNamed() {
        var noLayer = TarBuilder.tar(t -> t.file("c", TWO_LAYERS.configJson())
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"gone.tar\"]}]"));
        assertThat(refusal(noLayer).getMessage()).contains("\"gone.tar\", which is not in the archive");
        var dangling = TarBuilder.tar(t -> t.symlink("c", "nowhere")
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[]}]"));
        assertThat(refusal(dangling).reason()).isEqualTo(Reason.INVALID_ARCHIVE);
        var loop = TarBuilder.tar(t -> t.symlink("c", "d")
                .symlink("d", "c")
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[]}]"));
        assertThat(refusal(loop).getMessage()).contains("links");
    }

    @Test
    void layersAndConfigurationMustAgree() {
        var archive = TarBuilder.tar(t -> t.file("l", TWO_LAYERS.layers().getFirst())
                .file("c", TWO_LAYERS.configJson())
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"l\"]}]"));
        assertThat(refusal(archive).getMessage()).contains("has 1 layers but its configuration names 2");
    }
}
