package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.client.Image;
import dev.hawse.client.ImageFilter;
import dev.hawse.client.Images;
import dev.hawse.client.LoadListener;
import dev.hawse.client.LoadProgress;
import dev.hawse.testing.ContainerdFixture;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images, through client, socket, server and containerd. */
@Timeout(60)
final class ImagesIT {

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    private static Images images() {
        return SERVER.client().images();
    }

    private static List<Image> load(byte[] archive) throws IOException {
        return images().load(new ByteArrayInputStream(archive), LoadListener.NONE);
    }

    private static List<String> names() {
        return images().stream(ImageFilter.ALL).map(Image::name).toList();
    }

    @AfterEach
    void removeAllButBusybox() {
        names().stream().filter(n -> !n.equals(TestImages.BUSYBOX)).forEach(n -> images().remove(n, true));
    }

    @Test
    void archiveIsLoadedWithProgress() throws IOException {
        var archive = new DockerArchive()
                .image(TestImages.tiny("one"), "tiny:1")
                .image(TestImages.tiny("two"), "tiny:2")
                .bytes();
        var progress = new ArrayList<LoadProgress>();
        var told = new ArrayList<String>();
        var loaded = images().load(new ByteArrayInputStream(archive), new LoadListener() {
            @Override
            public void progress(LoadProgress p) {
                progress.add(p);
            }

            @Override
            public void loaded(Image image) {
                told.add(image.name());
            }
        });
        assertThat(loaded).extracting(Image::name).containsExactlyElementsOf(told);
        assertThat(told).containsExactlyInAnyOrder("docker.io/library/tiny:1", "docker.io/library/tiny:2");
        assertThat(names()).containsAll(told).isSorted();
        assertThat(progress).isNotEmpty();
    }

    @Test
    void savedArchiveIsLoadedAgainAsItWas() throws IOException {
        var before = images().get(TestImages.BUSYBOX);
        images().tag(TestImages.BUSYBOX, "copy:1");
        var archive = new ByteArrayOutputStream();
        images().save(List.of("copy:1"), archive);
        assertThat(images().remove("copy:1", false).untagged()).containsExactly("docker.io/library/copy:1");
        assertThat(load(archive.toByteArray())).singleElement().satisfies(i -> {
            assertThat(i.name()).isEqualTo("docker.io/library/copy:1");
            assertThat(i.digest()).isEqualTo(before.digest());
        });
    }

    @Test
    void imageInUseIsKept() {
        SERVER.create(LiveServer.busybox("true"));
        var e = catchThrowableOfType(HawseException.class, () -> images().remove(TestImages.BUSYBOX, false));
        assertThat(e.reason()).isEqualTo(Reason.IMAGE_IN_USE);
        assertThat(e.metadata()).containsKey("containers");
        assertThat(names()).contains(TestImages.BUSYBOX);
    }

    @Test
    void damagedArchiveIsRefusedAndLeavesNothing() {
        var e = catchThrowableOfType(HawseException.class, () -> load(new byte[100_000]));
        assertThat(e.code()).isEqualTo(HawseException.Code.INVALID_ARGUMENT);
        assertThat(e.reason()).isEqualTo(Reason.INVALID_ARCHIVE);
        var archive = TestImages.busyboxArchive();
        var half = Arrays.copyOf(archive, archive.length / 2);
        assertThat(catchThrowableOfType(HawseException.class, () -> load(half)).reason())
                .isEqualTo(Reason.INVALID_ARCHIVE);
    }

    @Test
    void uploadThatBreaksOffLeavesNothing() {
        var archive =
                new DockerArchive().image(TestImages.busybox(), "broken:1").bytes();
        var broken = new SequenceInputStream(
                new ByteArrayInputStream(archive, 0, archive.length * 3 / 4), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("the disk is gone");
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        return read();
                    }
                });
        assertThat(catchThrowableOfType(IOException.class, () -> images().load(broken, LoadListener.NONE)))
                .hasMessageContaining("the disk is gone");
        await().during(Duration.ofMillis(300)).until(() -> names().equals(List.of(TestImages.BUSYBOX)));
    }

    @Test
    void manyImagesArePaged() throws IOException {
        var archive = new DockerArchive();
        for (var i = 0; i < 3; i++) {
            archive.image(TestImages.tiny("content " + i), "many:" + i);
        }
        load(archive.bytes());
        for (var i = 0; i < 110; i++) {
            images().tag("many:0", "tag:" + i);
        }
        assertThat(names()).hasSize(114).isSorted().doesNotHaveDuplicates();
    }
}
