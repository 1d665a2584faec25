package dev.hawse.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

final class TestImagesTest {

    @Test
    void dockerArchiveHasLayerConfigAndManifest() throws IOException {
        assertThat(names(TestImages.busyboxArchive()))
                .contains("manifest.json")
                .anyMatch(n -> n.endsWith("/layer.tar"))
                .anyMatch(n -> n.matches("[0-9a-f]{64}\\.json"));
    }

    @Test
    void layoutHoldsEachBlobOnce() throws IOException {
        var layout = new OciLayout();
        var one = layout.manifest(TestImages.tiny("one"), Compression.ZSTD);
        var again = layout.manifest(TestImages.tiny("one"), Compression.ZSTD);
        assertThat(again).isEqualTo(one);
        assertThat(names(layout.archive(layout.named("docker.io/library/one:1", one))))
                .contains("oci-layout", "index.json")
                .filteredOn(n -> n.matches("blobs/sha256/[0-9a-f]{64}"))
                .hasSize(3);
    }

    private static List<String> names(byte[] archive) throws IOException {
        var names = new ArrayList<String>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }
}
