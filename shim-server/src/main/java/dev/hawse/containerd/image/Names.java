package dev.hawse.containerd.image;

import com.google.protobuf.FieldMask;
import dev.hawse.containerd.api.services.images.v1.CreateImageRequest;
import dev.hawse.containerd.api.services.images.v1.DeleteImageRequest;
import dev.hawse.containerd.api.services.images.v1.GetImageRequest;
import dev.hawse.containerd.api.services.images.v1.Image;
import dev.hawse.containerd.api.services.images.v1.ListImagesRequest;
import dev.hawse.containerd.api.services.images.v1.UpdateImageRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The names of images in containerd. Safe for any number of threads; errors of containerd come as they are. */
final class Names {

    private final ContainerdClient client;

    Names(ContainerdClient client) {
        this.client = client;
    }

    /** By name. */
    List<Image> all() {
        return client.images().list(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                .sorted(Comparator.comparing(Image::getName))
                .toList();
    }

    Optional<Image> find(String name) {
        try {
            return Optional.of(client.images()
                    .get(GetImageRequest.newBuilder().setName(name).build())
                    .getImage());
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Makes the name or moves it. */
    Image put(String name, Descriptor target) {
        var image = Image.newBuilder().setName(name).setTarget(target.toApi()).build();
        try {
            return client.images()
                    .create(CreateImageRequest.newBuilder().setImage(image).build())
                    .getImage();
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.ALREADY_EXISTS)) {
                throw e;
            }
        }
        // Of the name's labels, which may be other programs', none is touched.
        return client.images()
                .update(UpdateImageRequest.newBuilder()
                        .setImage(image)
                        .setUpdateMask(FieldMask.newBuilder().addPaths("target"))
                        .build())
                .getImage();
    }

    /** Whether it was there. */
    boolean delete(String name) {
        try {
            client.images().delete(DeleteImageRequest.newBuilder().setName(name).build());
            return true;
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                return false;
            }
            throw e;
        }
    }
}
