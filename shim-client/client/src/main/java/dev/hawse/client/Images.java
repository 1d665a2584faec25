package dev.hawse.client;

import dev.hawse.api.runtime.v1.GetImageRequest;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.ListImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesStart;
import dev.hawse.api.runtime.v1.RemoveImageRequest;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.TagImageRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The images of a server, on one of its runtimes. Safe for use by any number of threads. Wherever an image is asked for, a
 * name, completed as Docker does, a name with digest, a digest, or a unique prefix of one will do. Every method throws
 * {@link HawseException}.
 */
public final class Images {

    private static final int PAGE_SIZE = 100;

    private final Connection connection;
    private final @Nullable RuntimeKind runtime;

    Images(Connection connection, @Nullable RuntimeKind runtime) {
        this.connection = connection;
        this.runtime = runtime;
    }

    /** The images of a certain runtime, rather than of the active one. */
    public Images on(RuntimeKind kind) {
        return new Images(connection, kind);
    }

    /**
     * Loads the images of an archive: {@code docker save} format or an OCI image layout, as a tar, plain or compressed.
     *
     * @throws IOException when the file cannot be read
     */
    public List<Image> load(Path archive) throws IOException {
        try (var in = Files.newInputStream(archive)) {
            return load(in, LoadListener.NONE);
        }
    }

    /** As {@link #load(InputStream, String, LoadListener)}, for archives that name their images. */
    public List<Image> load(InputStream archive, LoadListener listener) throws IOException {
        return load(archive, "", listener);
    }

    /**
     * Loads the images of an archive, for as long as it lasts, reading it only as fast as the server takes it. An image
     * that was not finished is not there. The archive's stream is not closed.
     *
     * @param baseName the name for images that the archive gives none; empty to refuse these
     * @return the images loaded, in the order in which they could be used
     * @throws IOException when the archive cannot be read
     */
    public List<Image> load(InputStream archive, String baseName, LoadListener listener) throws IOException {
        var start = LoadImagesStart.newBuilder()
                .setRuntime(Values.runtime(runtime))
                .setBaseName(baseName)
                .build();
        return new LoadCall(connection, listener).load(start, archive);
    }

    /**
     * Writes images as one archive, an OCI image layout as a tar, that {@code docker load} reads too. Takes as long as it
     * takes. The stream is neither flushed nor closed.
     *
     * @throws IOException when the stream cannot be written
     */
    public void save(List<String> images, OutputStream to) throws IOException {
        var request = SaveImagesRequest.newBuilder()
                .addAllImages(images)
                .setRuntime(Values.runtime(runtime))
                .build();
        try (var pieces = connection.serverStream(ImageServiceGrpc.getSaveImagesMethod(), request)) {
            while (pieces.hasNext()) {
                pieces.next().getData().writeTo(to);
            }
        }
    }

    /** An image as it is now. */
    public Image get(String image) {
        var request = GetImageRequest.newBuilder()
                .setImage(image)
                .setRuntime(Values.runtime(runtime))
                .build();
        return ImageMapper.image(
                connection.unary(ImageServiceGrpc.getGetImageMethod(), request).getImage());
    }

    /**
     * The images that a filter lets through, by name; of all runtimes, unless the filter says otherwise. Every iteration
     * asks the server anew, page by page as it goes on.
     */
    public Iterable<Image> list(ImageFilter filter) {
        var request = ListImagesRequest.newBuilder()
                .setFilter(ImageMapper.filter(filter))
                .setPageSize(PAGE_SIZE)
                .build();
        return () -> new Pages<>(token -> {
            var page = connection.unary(
                    ImageServiceGrpc.getListImagesMethod(),
                    request.toBuilder().setPageToken(token).build());
            return new Pages.Page<>(
                    page.getImagesList().stream().map(ImageMapper::image).toList(), page.getNextPageToken());
        });
    }

    /** As {@link #list}, as a stream. */
    public Stream<Image> stream(ImageFilter filter) {
        var pages = list(filter).iterator();
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(pages, 0), false);
    }

    /**
     * Takes a name away, and the content when it was the last.
     *
     * @param force also while containers use the image; these go on
     */
    public RemovedImage remove(String image, boolean force) {
        var request = RemoveImageRequest.newBuilder()
                .setImage(image)
                .setForce(force)
                .setRuntime(Values.runtime(runtime))
                .build();
        var response = connection.unary(ImageServiceGrpc.getRemoveImageMethod(), request);
        return new RemovedImage(response.getUntaggedList(), response.getDeletedList());
    }

    /** Gives an image another name. A name that another image has moves to this one. */
    public Image tag(String image, String name) {
        var request = TagImageRequest.newBuilder()
                .setImage(image)
                .setName(name)
                .setRuntime(Values.runtime(runtime))
                .build();
        return ImageMapper.image(
                connection.unary(ImageServiceGrpc.getTagImageMethod(), request).getImage());
    }
}
