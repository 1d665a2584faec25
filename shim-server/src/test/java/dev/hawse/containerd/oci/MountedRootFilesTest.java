package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hawse.containerd.api.types.Mount;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.sys.Fifo;
import dev.hawse.sys.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class MountedRootFilesTest {

    @TempDir
    private Path dir;

    private Path upper = Path.of("/");
    private Path lower = Path.of("/");

    @BeforeEach
    void makeLayers() throws IOException {
        upper = Files.createDirectories(dir.resolve("up:per"));
        lower = Files.createDirectories(dir.resolve("lower"));
        Files.writeString(dir.resolve("secret"), "of the host");
    }

    @Test
    void bindMountIsOneLayer() throws IOException {
        write(lower, "etc/passwd", "lower");
        assertThat(text(bind(lower), "/etc/passwd")).isEqualTo("lower");
        assertThat(text(bind(lower), "/etc/group")).isNull();
        assertThat(text(bind(lower), "/etc")).isNull();
        assertThat(text(bind(lower), "/etc/passwd/x")).isNull();
    }

    @Test
    void upperLayerHidesTheLower() throws IOException {
        write(lower, "etc/passwd", "lower");
        write(lower, "etc/group", "lower");
        write(upper, "etc/passwd", "upper");
        assertThat(text(overlay(), "/etc/passwd")).isEqualTo("upper");
        assertThat(text(overlay(), "/etc/group")).isEqualTo("lower");
    }

    @Test
    void lowerLayersAloneAreReadTopmostFirst() throws IOException {
        write(lower, "etc/passwd", "lower");
        write(upper, "etc/passwd", "upper");
        var view = mount("overlay", "overlay", "index=off", "lowerdir=" + escaped(upper) + ":" + escaped(lower));
        assertThat(text(MountedRootFiles.over(List.of(view)), "/etc/passwd")).isEqualTo("upper");
    }

    @Test
    void opaqueFolderHidesTheLower() throws IOException {
        write(lower, "etc/passwd", "lower");
        write(upper, "etc/group", "upper");
        mark(upper.resolve("etc"), "overlay.opaque", "y");
        assertThat(text(overlay(), "/etc/passwd")).isNull();
        assertThat(text(overlay(), "/etc/group")).isEqualTo("upper");
    }

    @Test
    void opaqueMarkOfAUserCountsOnlyWhereTheOverlayHasIt() throws IOException {
        write(lower, "etc/passwd", "lower");
        write(upper, "etc/group", "upper");
        mark(upper.resolve("etc"), "overlay.opaque", "y");
        var plain = mount("overlay", "overlay", "upperdir=" + upper, "lowerdir=" + escaped(lower));
        assertThat(text(MountedRootFiles.over(List.of(plain)), "/etc/passwd")).isEqualTo("lower");
    }

    @Test
    void whiteoutHidesTheLower() throws Exception {
        assumeTrue(Sys.effectiveUserId() == 0, "only root makes devices");
        write(lower, "etc/passwd", "lower");
        Files.createDirectories(upper.resolve("etc"));
        var whiteout = upper.resolve("etc/passwd").toString();
        assertThat(new ProcessBuilder("mknod", whiteout, "c", "0", "0").start().waitFor())
                .isZero();
        assertThat(text(overlay(), "/etc/passwd")).isNull();
    }

    @Test
    void fifoIsNoFileAndNobodyWaitsForIt() throws IOException {
        write(lower, "etc/passwd", "lower");
        Files.createDirectories(upper.resolve("etc"));
        Fifo.create(upper.resolve("etc/passwd"));
        assertThat(text(overlay(), "/etc/passwd")).isNull();
    }

    @Test
    void fileInPlaceOfAFolderHidesIt() throws IOException {
        write(lower, "etc/passwd", "lower");
        write(upper, "etc", "file");
        assertThat(text(overlay(), "/etc/passwd")).isNull();
    }

    @Test
    void folderOverAFileShowsNothingOfIt() throws IOException {
        write(lower, "etc", "file");
        write(upper, "etc/passwd", "upper");
        assertThat(text(overlay(), "/etc/passwd")).isEqualTo("upper");
        assertThat(text(overlay(), "/etc")).isNull();
    }

    @Test
    void linksLeadThroughTheMergedView() throws IOException {
        write(lower, "usr/share/etc/passwd", "lower");
        Files.createSymbolicLink(upper.resolve("etc"), Path.of("/usr/lib/etc"));
        Files.createDirectories(upper.resolve("usr/lib"));
        Files.createSymbolicLink(upper.resolve("usr/lib/etc"), Path.of("../share/./etc"));
        assertThat(text(overlay(), "/etc/passwd")).isEqualTo("lower");
    }

    @Test
    void linksNeverLeadToTheHost() throws IOException {
        Files.createDirectories(lower.resolve("etc"));
        var secret = dir.resolve("secret");
        Files.createSymbolicLink(lower.resolve("etc/passwd"), secret);
        Files.createSymbolicLink(lower.resolve("etc/group"), Path.of("../../secret"));
        Files.createSymbolicLink(lower.resolve("host"), dir);
        assertThat(text(bind(lower), "/etc/passwd")).isNull();
        assertThat(text(bind(lower), "/etc/group")).isNull();
        assertThat(text(bind(lower), "/host/secret")).isNull();
        assertThat(text(bind(lower), "/../../secret")).isNull();
    }

    @Test
    void linkAboveTheRootStaysInTheRoot() throws IOException {
        write(lower, "shadow", "of the image");
        Files.createDirectories(lower.resolve("etc"));
        Files.createSymbolicLink(lower.resolve("etc/passwd"), Path.of("../../../../shadow"));
        assertThat(text(bind(lower), "/etc/passwd")).isEqualTo("of the image");
    }

    @Test
    void loopOfLinksIsNoFile() throws IOException {
        Files.createDirectories(lower.resolve("etc"));
        Files.createSymbolicLink(lower.resolve("etc/passwd"), Path.of("group"));
        Files.createSymbolicLink(lower.resolve("etc/group"), Path.of("/etc/passwd"));
        assertThat(text(bind(lower), "/etc/passwd")).isNull();
    }

    @Test
    void largestFileIsReadAndALargerOneRefused() throws IOException {
        Files.write(lower.resolve("file"), new byte[RootFiles.MOST_BYTES]);
        assertThat(bind(lower).read("/file")).hasSize(RootFiles.MOST_BYTES);
        Files.write(lower.resolve("file"), new byte[RootFiles.MOST_BYTES + 1]);
        assertThatThrownBy(() -> bind(lower).read("/file")).hasMessageContaining("larger than 1048576");
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlay.redirect", "overlay.metacopy"})
    void whatOnlyAMountShowsIsRefused(String mark) throws IOException {
        write(upper, "etc/passwd", "upper");
        mark(upper.resolve(mark.equals("overlay.redirect") ? "etc" : "etc/passwd"), mark, "/other");
        assertThatThrownBy(() -> text(overlay(), "/etc/passwd"))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageContaining("only seen when it is mounted");
    }

    @Test
    void otherMountsAreRefused() {
        for (var mounts : List.of(
                List.<Mount>of(),
                List.of(mount("erofs", "/x")),
                List.of(mount("bind", "/x"), mount("bind", "/y")),
                List.of(mount("bind", "/x").toBuilder().setTarget("/sub").build()),
                List.of(mount("overlay", "overlay", "lowerdir+=/a")),
                List.of(mount("overlay", "overlay", "lowerdir=/a::/b")),
                List.of(mount("overlay", "overlay")))) {
            assertThatThrownBy(() -> MountedRootFiles.over(mounts))
                    .isInstanceOfSatisfying(
                            RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.CAPABILITY_MISSING));
        }
    }

    @Test
    void missingLayerIsAFailure() {
        assertThatThrownBy(() -> bind(dir.resolve("gone")).read("/etc/passwd"))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageContaining("ENOENT");
    }

    private MountedRootFiles overlay() {
        return MountedRootFiles.over(List.of(mount(
                "overlay", "overlay", "userxattr", "workdir=/w", "upperdir=" + upper, "lowerdir=" + escaped(lower))));
    }

    private static MountedRootFiles bind(Path source) {
        return MountedRootFiles.over(List.of(mount("bind", source.toString(), "ro", "rbind")));
    }

    private static Mount mount(String type, String source, String... options) {
        return Mount.newBuilder()
                .setType(type)
                .setSource(source)
                .addAllOptions(Arrays.asList(options))
                .build();
    }

    private static String escaped(Path path) {
        return path.toString().replace(":", "\\:");
    }

    private static @Nullable String text(RootFiles files, String path) {
        var bytes = files.read(path);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void write(Path layer, String path, String text) throws IOException {
        var file = layer.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void mark(Path path, String name, String value) throws IOException {
        Files.getFileAttributeView(path, UserDefinedFileAttributeView.class)
                .write(name, StandardCharsets.UTF_8.encode(value));
    }
}
