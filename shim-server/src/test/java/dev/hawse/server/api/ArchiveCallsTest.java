package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.ListImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.LoadImagesStart;
import dev.hawse.api.runtime.v1.RuntimeKind;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.SaveImagesResponse;
import dev.hawse.runtime.Reason;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Archives in and out; the engine in memory has lists of names for archives. */
@Timeout(60)
class ArchiveCallsTest {

    private static final int PIECE = 256 << 10;

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
    }

    @AfterEach
    void close() {
        runtime.release();
        api.close();
    }

    private RawCall<LoadImagesRequest, LoadImagesResponse> load() {
        return RawCall.open(api.channel, ImageServiceGrpc.getLoadImagesMethod());
    }

    private static LoadImagesRequest start() {
        return LoadImagesRequest.newBuilder()
                .setStart(LoadImagesStart.getDefaultInstance())
                .build();
    }

    private static LoadImagesRequest data(String text) {
        return LoadImagesRequest.newBuilder()
                .setData(ByteString.copyFromUtf8(text))
                .build();
    }

    private RawCall<SaveImagesRequest, SaveImagesResponse> save(String... images) {
        return RawCall.slow(api.channel, ImageServiceGrpc.getSaveImagesMethod())
                .send(SaveImagesRequest.newBuilder()
                        .addAllImages(List.of(images))
                        .build())
                .halfClose();
    }

    private int images() {
        return ImageServiceGrpc.newBlockingStub(api.channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesCount();
    }

    @Test
    void archiveInPiecesIsLoaded() {
        var frames = load().send(start())
                .send(data("alp"))
                .send(data("ine:1\nde"))
                .send(data(""))
                .send(data("bian:2\n"))
                .halfClose()
                .rest();
        assertThat(frames.stream()
                        .filter(LoadImagesResponse::hasLoaded)
                        .map(f -> f.getLoaded().getName()))
                .containsExactly("docker.io/library/alpine:1", "docker.io/library/debian:2");
        assertThat(frames.getLast().hasLoaded()).isTrue();
    }

    @Test
    void piecesAreAskedForAsTheyAreRead() {
        runtime.hold();
        var call = load().send(start());
        await().until(() -> runtime.waiting() == 1);
        var pieces = 0;
        for (call.awaitWanted(); call.isWanted(); pieces++) {
            call.send(data("n" + pieces + ":1\n"));
        }
        assertThat(pieces).isEqualTo(4);
        runtime.release();
        for (; pieces < 20; pieces++) {
            call.awaitWanted();
            call.send(data("n" + pieces + ":1\n"));
        }
        assertThat(call.halfClose().rest().stream().filter(LoadImagesResponse::hasLoaded))
                .hasSize(20);
    }

    @Test
    void progressIsLeftOutForASlowCallerAndImagesAreNot() {
        var call = RawCall.slow(api.channel, ImageServiceGrpc.getLoadImagesMethod())
                .send(start())
                .send(data("a:1\nb:1\n"))
                .halfClose();
        await().until(() -> api.sent() == 2);
        assertThat(call.requestAll().rest()).allMatch(LoadImagesResponse::hasLoaded);
    }

    @Test
    void cancelledUploadLoadsNothing() {
        var before = images();
        var call = load().send(start()).send(data("half:1\n"));
        call.awaitWanted();
        call.cancel();
        await().until(() -> api.openCalls.count() == 0);
        assertThat(images()).isEqualTo(before);
    }

    @Test
    void cancelBeforeTheWorkerReadsEndsIt() {
        runtime.hold();
        var call = load().send(start()).send(data("half:1\n"));
        await().until(() -> runtime.waiting() == 1);
        call.cancel();
        await().until(() -> runtime.waiting() == 0);
    }

    @Test
    void rulesOfTheFramesHold() {
        load().send(data("x")).failsWith(Reason.PROTOCOL_VIOLATION);
        load().halfClose().failsWith(Reason.PROTOCOL_VIOLATION);
        load().send(LoadImagesRequest.getDefaultInstance()).failsWith(Reason.PROTOCOL_VIOLATION);
        load().send(start()).send(start()).failsWith(Reason.PROTOCOL_VIOLATION);
        var large = LoadImagesRequest.newBuilder()
                .setData(ByteString.copyFrom(new byte[(1 << 20) + 1]))
                .build();
        load().send(start()).send(large).failsWith(Reason.INVALID_FIELD);
    }

    @Test
    void damagedArchiveEndsTheCall() {
        load().send(start()).send(data("\u0000")).halfClose().failsWith(Reason.INVALID_ARCHIVE);
        load().send(start()).halfClose().failsWith(Reason.INVALID_ARCHIVE);
    }

    @Test
    void runtimeThatIsNotConfiguredIsRefused() {
        var start = LoadImagesRequest.newBuilder();
        start.getStartBuilder().setRuntime(RuntimeKind.RUNTIME_KIND_DOCKER);
        load().send(start.build()).failsWith(Reason.RUNTIME_NOT_CONFIGURED);
    }

    @Test
    void savedArchiveLoadsAgain() {
        var archive = save("busybox").requestAll().rest().stream()
                .map(f -> f.getData().toStringUtf8())
                .collect(Collectors.joining());
        assertThat(archive).isEqualTo("docker.io/library/busybox:latest\n");
    }

    @Test
    void archiveIsWrittenAsTheCallerTakesIt() {
        runtime.fillArchives(10 * PIECE);
        var call = save("busybox");
        var bytes = 0;
        for (var i = 1; i <= 10; i++) {
            assertThat(call.pending()).isZero();
            call.request(1);
            var data = call.next().getData();
            assertThat(data.size()).isLessThanOrEqualTo(PIECE);
            assertThat(api.sent()).isEqualTo(i);
            bytes += data.size();
        }
        for (var rest : call.requestAll().rest()) {
            bytes += rest.getData().size();
        }
        assertThat(bytes).isEqualTo(10 * PIECE + "docker.io/library/busybox:latest\n".length());
    }

    @Test
    void cancelledDownloadEndsTheWriting() {
        runtime.fillArchives(10 * PIECE);
        var call = save("busybox").request(1);
        call.next();
        assertThat(runtime.saving()).isEqualTo(1);
        call.cancel();
        await().until(() -> runtime.saving() == 0);
        assertThat(api.sent()).isEqualTo(1);
    }

    @Test
    void nothingToSaveAndUnknownImagesAreRefused() {
        save().failsWith(Reason.INVALID_FIELD);
        save("busybox", "nowhere").failsWith(Reason.IMAGE_NOT_FOUND);
    }
}
