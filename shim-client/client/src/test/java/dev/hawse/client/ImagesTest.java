package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.LoadPhase;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.SaveImagesResponse;
import dev.hawse.client.HawseException.Code;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ImagesTest {

    /** An archive that counts what was read of it. */
    private static final class Archive extends InputStream {
        private final long size;
        private final AtomicLong read = new AtomicLong();

        Archive(long size) {
            this.size = size;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            long at = read.get();
            int n = (int) Math.min(length, size - at);
            if (n <= 0) {
                return -1;
            }
            FakeExec.pattern(at, n).copyTo(into, offset);
            read.addAndGet(n);
            return n;
        }
    }

    private static FakeServer loading(FakeStream.Script<LoadImagesRequest, LoadImagesResponse> script)
            throws IOException {
        return new FakeServer(new ImageServiceGrpc.ImageServiceImplBase() {
            @Override
            public StreamObserver<LoadImagesRequest> loadImages(StreamObserver<LoadImagesResponse> out) {
                return FakeStream.open(out, script);
            }
        });
    }

    private static LoadImagesResponse progress(long done) {
        return LoadImagesResponse.newBuilder()
                .setProgress(dev.hawse.api.runtime.v1.LoadProgress.newBuilder()
                        .setPhase(LoadPhase.LOAD_PHASE_READING)
                        .setDone(done))
                .build();
    }

    private static LoadImagesResponse loaded(String name) {
        return LoadImagesResponse.newBuilder()
                .setLoaded(dev.hawse.api.runtime.v1.Image.newBuilder().setName(name))
                .build();
    }

    @Test
    void archiveArrivesWholeWithProgressAllAlong() throws Exception {
        long size = 20 << 20;
        try (var server = loading(s -> {
                    var base = s.next().getStart().getBaseName();
                    long at = 0;
                    for (var frame = s.nextOrEnd(); frame != null; frame = s.nextOrEnd()) {
                        assertThat(frame.getData().size()).isLessThanOrEqualTo(1 << 20);
                        assertThat(frame.getData())
                                .isEqualTo(FakeExec.pattern(at, frame.getData().size()));
                        at += frame.getData().size();
                        s.send(progress(at));
                    }
                    s.send(loaded(base + ":" + at));
                });
                var client = server.client()) {
            var heard = new ArrayList<LoadProgress>();
            var images = client.images().load(new Archive(size), "base", new LoadListener() {
                @Override
                public void progress(LoadProgress progress) {
                    heard.add(progress);
                }
            });
            assertThat(images).extracting(Image::name).containsExactly("base:" + size);
            assertThat(heard).isSortedAccordingTo((a, b) -> Long.compare(a.done(), b.done()));
            assertThat(heard.get(heard.size() - 1).done()).isEqualTo(size);
        }
    }

    @Test
    void uploadWaitsForAServerThatTakesNothing() throws Exception {
        var go = new CountDownLatch(1);
        try (var server = loading(s -> {
                    s.next();
                    go.await();
                    while (s.nextOrEnd() != null) {
                        // Taken.
                    }
                    s.send(loaded("x"));
                });
                var client = server.client()) {
            var archive = new Archive(64 << 20);
            var load = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.images().load(archive, LoadListener.NONE);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            Awaitility.await()
                    .during(Duration.ofMillis(500))
                    .until(() -> archive.read.get() < 6 << 20 && archive.read.get() > 0);
            go.countDown();
            assertThat(load.get()).hasSize(1);
        }
    }

    @Test
    void serverThatTellsManyThingsBeforeItReadsDoesNotDeadlock() throws Exception {
        try (var server = loading(s -> {
                    s.next();
                    for (int i = 0; i < 100_000; i++) {
                        s.send(progress(i));
                    }
                    while (s.nextOrEnd() != null) {
                        // Taken.
                    }
                });
                var client = server.client()) {
            assertThat(client.images().load(new Archive(8 << 20), LoadListener.NONE))
                    .isEmpty();
        }
    }

    @Test
    void refusalInTheMiddleEndsTheUpload() throws Exception {
        try (var server = loading(s -> {
                    s.next();
                    s.next();
                    throw Status.INVALID_ARGUMENT.withDescription("no archive").asRuntimeException();
                });
                var client = server.client()) {
            assertThatThrownBy(() -> client.images().load(new Archive(1L << 40), LoadListener.NONE))
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
                    .hasMessage("no archive");
        }
    }

    @Test
    void archiveThatCannotBeReadCancelsTheUpload() throws Exception {
        var cancelled = new CountDownLatch(1);
        try (var server = loading(s -> {
                    s.awaitCancel();
                    cancelled.countDown();
                });
                var client = server.client()) {
            var broken = new java.io.PipedInputStream();
            assertThatThrownBy(() -> client.images().load(broken, LoadListener.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Pipe not connected");
            cancelled.await();
        }
    }

    @Test
    void saveWritesWhatCame() throws Exception {
        try (var server = new FakeServer(new ImageServiceGrpc.ImageServiceImplBase() {
                    @Override
                    public void saveImages(SaveImagesRequest request, StreamObserver<SaveImagesResponse> out) {
                        for (var image : request.getImagesList()) {
                            out.onNext(SaveImagesResponse.newBuilder()
                                    .setData(ByteString.copyFromUtf8(image))
                                    .build());
                        }
                        out.onCompleted();
                    }
                });
                var client = server.client()) {
            var to = new ByteArrayOutputStream();
            client.images().save(List.of("a", "b"), to);
            assertThat(to.toString(java.nio.charset.StandardCharsets.UTF_8)).isEqualTo("ab");
        }
    }
}
