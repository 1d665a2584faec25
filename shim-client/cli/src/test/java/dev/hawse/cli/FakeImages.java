package dev.hawse.cli;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.Image;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.ListImagesRequest;
import dev.hawse.api.runtime.v1.ListImagesResponse;
import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.LoadPhase;
import dev.hawse.api.runtime.v1.LoadProgress;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.SaveImagesResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** Takes any archive for busybox, and gives three bytes for any image but "broken". */
final class FakeImages extends ImageServiceGrpc.ImageServiceImplBase {

    @Override
    public StreamObserver<LoadImagesRequest> loadImages(StreamObserver<LoadImagesResponse> out) {
        return new StreamObserver<>() {
            private long bytes;

            @Override
            public void onNext(LoadImagesRequest frame) {
                bytes += frame.getData().size();
            }

            @Override
            public void onError(Throwable t) {}

            @Override
            public void onCompleted() {
                out.onNext(LoadImagesResponse.newBuilder()
                        .setProgress(LoadProgress.newBuilder()
                                .setPhase(LoadPhase.LOAD_PHASE_UNPACKING)
                                .setImage("docker.io/library/busybox:latest")
                                .setDone(1)
                                .setTotal(2))
                        .build());
                FakeHawse.answer(
                        out,
                        LoadImagesResponse.newBuilder()
                                .setLoaded(Image.newBuilder().setName("docker.io/library/busybox:" + bytes))
                                .build());
            }
        };
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> out) {
        FakeHawse.answer(
                out,
                ListImagesResponse.newBuilder()
                        .addImages(Image.newBuilder()
                                .setName("docker.io/library/busybox:1.36")
                                .setConfigDigest("sha256:" + FakeHawse.ID)
                                .setSizeBytes(4_261_550))
                        .addImages(Image.newBuilder()
                                .setName("localhost:5000/a/b@sha256:" + FakeHawse.ID)
                                .setConfigDigest("sha256:f" + FakeHawse.ID.substring(1)))
                        .build());
    }

    @Override
    public void saveImages(SaveImagesRequest request, StreamObserver<SaveImagesResponse> out) {
        out.onNext(SaveImagesResponse.newBuilder()
                .setData(ByteString.copyFrom(new byte[] {0, -1, 10}))
                .build());
        if (request.getImages(0).equals("broken")) {
            out.onError(Status.DATA_LOSS.withDescription("damaged").asRuntimeException());
        } else {
            out.onCompleted();
        }
    }
}
