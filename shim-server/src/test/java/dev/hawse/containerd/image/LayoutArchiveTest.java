package dev.hawse.containerd.image;

import static dev.hawse.containerd.image.Archives.names;
import static dev.hawse.containerd.image.Archives.plan;
import static dev.hawse.containerd.image.Archives.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.Reason;
import dev.hawse.testing.Compression;
import dev.hawse.testing.OciLayout;
import dev.hawse.testing.TarBuilder;
import dev.hawse.testing.TestImage;
import dev.hawse.testing.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LayoutArchiveTest {

    private static final String NAME = "docker.io/library/x:1";
    private static final String REF = "org.opencontainers.image.ref.name";

    private static TestImage amd64(String content) {
        return TestImages.tiny(content).forPlatform("linux", "amd64");
    }

    @ParameterizedTest
    @EnumSource
    void layersOfAnyCompressionAreTaken(Compression compression) throws IOException {
        var layout = new OciLayout();
        var manifest = layout.manifest(amd64("x"), compression);
        var images = plan(layout.archive(layout.named(NAME, manifest)));
        assertThat(names(images)).containsExactly(NAME);
        var layer = images.getFirst().image().layers().getFirst();
        assertThat(layer.mediaType()).isEqualTo(compression.layerType());
        assertThat(layer.diffId()).isEqualTo(amd64("x").diffIds().getFirst());
        assertThat(images.getFirst().image().target().digest()).isEqualTo(manifest.get("digest"));
    }

    @ParameterizedTest
    @EnumSource
    void theArchiveItselfMayBeCompressed(Compression compression) throws IOException {
        var layout = new OciLayout();
        var archive = layout.archive(layout.named(NAME, layout.manifest(amd64("x"), Compression.PLAIN)));
        assertThat(names(plan(compression.of(archive)))).containsExactly(NAME);
    }

    @Test
    void thePlatformOfTheMachineIsChosenFromAnIndex() throws IOException {
        var layout = new OciLayout();
        var index = layout.index(List.of(
                layout.manifest(amd64("x").forPlatform("linux", "arm64"), Compression.GZIP),
                layout.manifest(amd64("x"), Compression.GZIP)));
        var image = plan(layout.archive(layout.named(NAME, index))).getFirst().image();
        assertThat(image.config().platform()).hasToString("linux/amd64");
        assertThat(image.target().digest()).isEqualTo(index.get("digest"));
        assertThat(image.path()).hasSize(2);
    }

    @Test
    void otherPlatformsMayBeMissing() throws IOException {
        var layout = new OciLayout();
        var arm = layout.manifest(amd64("x").forPlatform("linux", "arm64"), Compression.GZIP);
        var index = layout.index(List.of(arm, layout.manifest(amd64("x"), Compression.GZIP)));
        layout.forget(arm);
        assertThat(names(plan(layout.archive(layout.named(NAME, index))))).containsExactly(NAME);
    }

    @Test
    void nothingForTheMachineIsSaidWithWhatThereIs() {
        var layout = new OciLayout();
        var index = layout.index(List.of(
                layout.manifest(amd64("x").forPlatform("linux", "arm64"), Compression.GZIP),
                layout.manifest(amd64("x").forPlatform("windows", "amd64"), Compression.GZIP)));
        var failure = refusal(layout.archive(layout.named(NAME, index)));
        assertThat(failure.reason()).isEqualTo(Reason.PLATFORM_MISMATCH);
        assertThat(failure.getMessage())
                .isEqualTo("image " + NAME + " has nothing for linux/amd64; it is for linux/arm64, windows/amd64");
    }

    @Test
    void attestationsAreNoImages() throws IOException {
        var layout = new OciLayout();
        var attestation = layout.blob(OciLayout.MANIFEST, "{}".getBytes(StandardCharsets.UTF_8));
        attestation.put("platform", Map.of("os", "unknown", "architecture", "unknown"));
        var index = layout.index(List.of(attestation, layout.manifest(amd64("x"), Compression.GZIP)));
        assertThat(names(plan(layout.archive(layout.named(NAME, index))))).containsExactly(NAME);
    }

    @Test
    void namesComeFromEitherAnnotationOrTheBaseName() throws IOException {
        var layout = new OciLayout();
        var manifest = layout.manifest(amd64("x"), Compression.GZIP);
        var whole = layout.archive(layout.annotated(manifest, REF, "quay.io/a/b:3"));
        assertThat(names(plan(whole))).containsExactly("quay.io/a/b:3");
        var tag = layout.archive(layout.annotated(manifest, REF, "v3"));
        assertThat(names(plan(tag, "quay.io/a/b"))).containsExactly("quay.io/a/b:v3");
        assertThat(refusal(tag).getMessage()).contains("\"v3\" has a tag but no name");
        var none = layout.archive(manifest);
        assertThat(names(plan(none, "b"))).containsExactly("docker.io/library/b@" + manifest.get("digest"));
        assertThat(refusal(none).reason()).isEqualTo(Reason.INVALID_ARCHIVE);
        var bad = layout.archive(layout.named("UPPER/..", manifest));
        assertThat(refusal(bad).reason()).isEqualTo(Reason.INVALID_ARCHIVE);
    }

    @Test
    void severalImagesAreAllTaken() throws IOException {
        var layout = new OciLayout();
        var archive = layout.archive(List.of(
                layout.named("docker.io/library/a:1", layout.manifest(amd64("a"), Compression.GZIP)),
                layout.named("docker.io/library/b:1", layout.manifest(amd64("b"), Compression.ZSTD))));
        assertThat(names(plan(archive))).containsExactly("docker.io/library/a:1", "docker.io/library/b:1");
    }

    @Test
    void oneNameForSeveralPlatformsIsOneImage() throws IOException {
        var layout = new OciLayout();
        var archive = layout.archive(List.of(
                layout.named(NAME, layout.manifest(amd64("a").forPlatform("linux", "arm64"), Compression.GZIP)),
                layout.named(NAME, layout.manifest(amd64("a"), Compression.GZIP))));
        assertThat(plan(archive).getFirst().image().config().platform()).hasToString("linux/amd64");
    }

    @Test
    void nestedIndexesAreFollowedFourDeep() throws IOException {
        assertThat(names(plan(nested(3)))).containsExactly(NAME);
        assertThat(refusal(nested(5)).getMessage()).contains("nested more than 4 deep");
    }

    private static byte[] nested(int more) {
        var layout = new OciLayout();
        var index = layout.index(List.of(layout.manifest(amd64("x"), Compression.GZIP)));
        for (var i = 0; i < more; i++) {
            index = layout.index(List.of(index));
        }
        return layout.archive(layout.named(NAME, index));
    }

    @Test
    void missingContentIsRefused() {
        for (var part : List.of("config", "layers")) {
            var layout = new OciLayout();
            var manifest = layout.manifest(amd64("x"), Compression.GZIP);
            var gone = part.equals("config")
                    ? Digests.of(amd64("x").configJson())
                    : Digests.of(Compression.GZIP.of(amd64("x").layers().getFirst()));
            layout.forget(gone);
            var failure = refusal(layout.archive(layout.named(NAME, manifest)));
            assertThat(failure.reason()).isEqualTo(Reason.INVALID_ARCHIVE);
            assertThat(failure.getMessage()).contains(gone);
        }
    }

    @Test
    void contentUnderAWrongDigestIsRefused() {
        var archive = TarBuilder.tar(t -> t.file("blobs/sha256/" + "0".repeat(64), "something"));
        assertThat(refusal(archive).reason()).isEqualTo(Reason.DIGEST_MISMATCH);
    }

    @Test
    void whatIsBothIndexAndManifestIsRefused() {
        var layout = new OciLayout();
        var both = layout.blob(OciLayout.INDEX, "{\"manifests\":[],\"layers\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThat(refusal(layout.archive(layout.named(NAME, both))).getMessage())
                .contains("has both manifests and layers");
        var wrong = layout.blob(OciLayout.MANIFEST, "{\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThat(refusal(layout.archive(layout.named(NAME, wrong))).getMessage())
                .contains("is an index but its media type is " + OciLayout.MANIFEST);
        var twice =
                layout.blob(OciLayout.INDEX, "{\"manifests\":[],\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThat(refusal(layout.archive(layout.named(NAME, twice))).reason()).isEqualTo(Reason.INVALID_ARCHIVE);
    }

    @Test
    void anArchiveInBothFormatsIsReadAsALayoutIfThatIsWhole() throws IOException {
        var image = amd64("x");
        var layout = new OciLayout();
        var manifest = layout.named(NAME, layout.manifest(image, Compression.PLAIN));
        assertThat(plan(both(layout, manifest, image))
                        .getFirst()
                        .image()
                        .target()
                        .mediaType())
                .isEqualTo(OciLayout.MANIFEST);
        layout.forget(manifest);
        assertThat(plan(both(layout, manifest, image))
                        .getFirst()
                        .image()
                        .target()
                        .mediaType())
                .isEqualTo(MediaTypes.DOCKER_MANIFEST);
    }

    private static byte[] both(OciLayout layout, Map<String, Object> root, TestImage image) {
        var docker = "[{\"Config\":\"blobs/" + Digests.of(image.configJson()).replace(':', '/')
                + "\",\"RepoTags\":[\"x:1\"],\"Layers\":[\"blobs/"
                + image.diffIds().getFirst().replace(':', '/') + "\"]}]";
        return layout.write(new TarBuilder(), List.of(root))
                .file("manifest.json", docker)
                .bytes();
    }
}
