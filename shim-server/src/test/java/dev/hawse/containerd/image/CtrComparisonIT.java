package dev.hawse.containerd.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.containerd.api.services.content.v1.ListContentRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.testing.Compression;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.OciLayout;
import dev.hawse.testing.TestImage;
import dev.hawse.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What containerd's own client makes of an archive, and what we make of it, must be the same. */
@Timeout(60)
final class CtrComparisonIT {

    private static final String NAME = "docker.io/library/x:1";
    private static final TestImage IMAGE = TestImages.tiny("x").withLayer(t -> t.file("y", "y"));

    @RegisterExtension
    static final ContainerdFixture containerd = new ContainerdFixture();

    @TempDir
    Path dir = Path.of("");

    @Test
    void aDockerArchiveBecomesTheSame() throws Exception {
        compare(new DockerArchive().image(IMAGE, NAME).bytes());
    }

    /** With one platform: from 2.0 on, ctr keeps the other ones of an archive too. */
    @Test
    void aLayoutWithAnIndexBecomesTheSame() throws Exception {
        var layout = new OciLayout();
        var index = layout.index(List.of(layout.manifest(IMAGE, Compression.ZSTD)));
        compare(layout.archive(layout.named(NAME, index)));
    }

    private void compare(byte[] archive) throws IOException, InterruptedException {
        var client = containerd.client();
        var images = new ContainerdImages(client, () -> "overlayfs");
        var file = Files.write(dir.resolve("archive.tar"), archive);
        ctr("images", "import", file.toString());
        containerd.collectGarbage();
        var theirs = labels(client);
        var target = new Names(client).find(NAME).orElseThrow().getTarget().getDigest();
        ctr("images", "rm", "--sync", NAME);
        assertThat(containerd.contents()).isEmpty();

        Loads.load(images, archive);
        containerd.collectGarbage();
        assertThat(new Names(client).find(NAME).orElseThrow().getTarget().getDigest())
                .isEqualTo(target);
        assertThat(labels(client)).isEqualTo(theirs);
        images.remove(NAME, false);
    }

    private static Map<String, Map<String, String>> labels(ContainerdClient client) {
        var all = new TreeMap<String, Map<String, String>>();
        client.content()
                .list(ListContentRequest.getDefaultInstance())
                .forEachRemaining(page -> page.getInfoList()
                        .forEach(info -> all.put(info.getDigest(), new TreeMap<>(info.getLabelsMap()))));
        return all;
    }

    private static void ctr(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(
                List.of("ctr", "-a", containerd.socket().toString(), "-n", containerd.namespace()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
