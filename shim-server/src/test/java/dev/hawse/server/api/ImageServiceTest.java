package dev.hawse.server.api;

import static dev.hawse.server.api.ApiFixture.fails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.GetImageRequest;
import dev.hawse.api.runtime.v1.Image;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.ListImagesRequest;
import dev.hawse.api.runtime.v1.RemoveImageRequest;
import dev.hawse.api.runtime.v1.TagImageRequest;
import dev.hawse.runtime.Reason;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ImageServiceTest {

    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(new FakeRuntime());
    }

    @AfterEach
    void close() {
        api.close();
    }

    private ImageServiceGrpc.ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(api.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private Image tag(String image, String name) {
        return images().tagImage(TagImageRequest.newBuilder()
                        .setImage(image)
                        .setName(name)
                        .build())
                .getImage();
    }

    private List<String> list(String... names) {
        var request = ListImagesRequest.newBuilder();
        request.getFilterBuilder().addAllNames(List.of(names));
        return images().listImages(request.build()).getImagesList().stream()
                .map(Image::getName)
                .toList();
    }

    @Test
    void anImageIsFoundTaggedAndRemoved() {
        var found = images().getImage(
                        GetImageRequest.newBuilder().setImage("busybox").build())
                .getImage();
        assertThat(found.getName()).isEqualTo("docker.io/library/busybox:latest");

        assertThat(tag("busybox", "mine:1").getName()).isEqualTo("docker.io/library/mine:1");
        assertThat(list()).containsExactly("docker.io/library/busybox:latest", "docker.io/library/mine:1");

        var removed = images().removeImage(
                        RemoveImageRequest.newBuilder().setImage("mine:1").build());
        assertThat(removed.getUntaggedList()).containsExactly("docker.io/library/mine:1");
        fails(
                Reason.IMAGE_NOT_FOUND,
                () -> images().getImage(
                                GetImageRequest.newBuilder().setImage("mine:1").build()));
    }

    @ParameterizedTest
    @CsvSource({
        "busybox, 1",
        "busy*, 1",
        "busybox:*, 2",
        "*box:1.*, 1",
        "docker.io/*/*:*, 2",
        "*:*, 2",
        "localhost:5000/*:*, 1",
        "localhost:5000/team/*:*, 0",
        "none, 0"
    })
    void aStarStandsForAnythingButASlash(String pattern, int found) {
        tag("busybox", "busybox:1.36");
        tag("busybox", "localhost:5000/busybox:dev");

        assertThat(list(pattern)).hasSize(found);
    }

    @Test
    void imagesComeByNameInPages() {
        tag("busybox", "aaa");
        tag("busybox", "zzz");
        var first = images().listImages(
                        ListImagesRequest.newBuilder().setPageSize(2).build());
        var second = images().listImages(ListImagesRequest.newBuilder()
                .setPageSize(2)
                .setPageToken(first.getNextPageToken())
                .build());

        assertThat(first.getImagesList())
                .extracting(Image::getName)
                .containsExactly("docker.io/library/aaa:latest", "docker.io/library/busybox:latest");
        assertThat(second.getImagesList()).extracting(Image::getName).containsExactly("docker.io/library/zzz:latest");
        assertThat(second.getNextPageToken()).isEmpty();
    }

    @Test
    void whatIsWrongIsToldWithItsReason() {
        fails(Reason.INVALID_FIELD, () -> images().getImage(GetImageRequest.getDefaultInstance()));
        fails(Reason.INVALID_FIELD, () -> images().removeImage(RemoveImageRequest.getDefaultInstance()));
        fails(Reason.INVALID_FIELD, () -> tag("busybox", ""));
        fails(Reason.INVALID_FIELD, () -> tag("busybox", "UPPER"));
        fails(Reason.INVALID_FIELD, () -> tag("busybox", "x@sha256:" + "0".repeat(64)));
        fails(Reason.INVALID_FIELD, () -> list("a@sha256:*"));
    }
}
