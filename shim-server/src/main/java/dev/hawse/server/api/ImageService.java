package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.GetImageRequest;
import dev.hawse.api.runtime.v1.GetImageResponse;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.ListImagesRequest;
import dev.hawse.api.runtime.v1.ListImagesResponse;
import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.RemoveImageRequest;
import dev.hawse.api.runtime.v1.RemoveImageResponse;
import dev.hawse.api.runtime.v1.RuntimeKind;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.SaveImagesResponse;
import dev.hawse.api.runtime.v1.TagImageRequest;
import dev.hawse.api.runtime.v1.TagImageResponse;
import dev.hawse.runtime.ImageOperations;
import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.concurrent.Executor;

/** Images over gRPC; see {@code image.proto}. */
final class ImageService extends ImageServiceGrpc.ImageServiceImplBase {

    private static final Pages<dev.hawse.api.runtime.v1.Image> PAGES =
            new Pages<>(i -> i.getName() + "\n" + i.getRuntimeValue(), Comparator.naturalOrder());

    private final Runtimes runtimes;
    private final Executor workers;

    ImageService(Runtimes runtimes, Executor workers) {
        this.runtimes = runtimes;
        this.workers = workers;
    }

    @Override
    public StreamObserver<LoadImagesRequest> loadImages(StreamObserver<LoadImagesResponse> responses) {
        return LoadImagesCall.begin(runtimes, responses, workers);
    }

    @Override
    public void saveImages(SaveImagesRequest request, StreamObserver<SaveImagesResponse> responses) {
        SaveImagesCall.begin(runtimes, request, responses, workers);
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> responses) {
        Unary.reply(responses, () -> {
            var filter = request.getFilter();
            var wanted = Filters.images(filter);
            var found = Filters.runtimes(runtimes.all(), filter.getRuntimesList()).stream()
                    .flatMap(runtime -> runtime.images().list().stream())
                    .filter(wanted)
                    .map(ImageMapper::image);
            var page = PAGES.page(found, filter, request.getPageSize(), request.getPageToken());
            return ListImagesResponse.newBuilder()
                    .addAllImages(page.items())
                    .setNextPageToken(page.next())
                    .build();
        });
    }

    @Override
    public void getImage(GetImageRequest request, StreamObserver<GetImageResponse> responses) {
        Unary.reply(
                responses,
                () -> GetImageResponse.newBuilder()
                        .setImage(ImageMapper.image(images(request.getRuntime()).get(required(request.getImage()))))
                        .build());
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> responses) {
        Unary.reply(
                responses,
                () -> ImageMapper.removed(
                        images(request.getRuntime()).remove(required(request.getImage()), request.getForce())));
    }

    @Override
    public void tagImage(TagImageRequest request, StreamObserver<TagImageResponse> responses) {
        Unary.reply(responses, () -> {
            var name = ImageReference.parse("name", request.getName());
            if (name.digest() != null) {
                throw RuntimeFailure.invalid("name", "must have no digest (got " + name + ")");
            }
            var tagged = images(request.getRuntime()).tag(required(request.getImage()), name.wholeName());
            return TagImageResponse.newBuilder()
                    .setImage(ImageMapper.image(tagged))
                    .build();
        });
    }

    private ImageOperations images(RuntimeKind runtime) {
        return runtimes.choose(runtime).images();
    }

    private static String required(String image) {
        if (image.isEmpty()) {
            throw RuntimeFailure.invalid("image", "is required: a name, a digest, or a unique prefix of one");
        }
        return image;
    }
}
