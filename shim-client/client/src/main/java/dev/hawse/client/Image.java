package dev.hawse.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image under one name, as it was when the server answered. Immutable.
 *
 * @param name whole: registry host, repository, and tag or digest
 * @param digest of the manifest or index that the name points to
 * @param platform for which the server would run it, as "linux/amd64"
 * @param configDigest of the image's configuration; what Docker calls the image id
 * @param sizeBytes of the layers as they are stored
 * @param builtAt when the image was built, as it says itself; null when it does not
 * @param updatedAt when the name was made or last moved here
 * @param layerDigests of the layers as they are stored, the lowest first
 */
public record Image(
        String name,
        String digest,
        RuntimeKind runtime,
        String platform,
        String configDigest,
        long sizeBytes,
        @Nullable Instant builtAt,
        @Nullable Instant updatedAt,
        ImageConfig config,
        List<String> layerDigests) {

    public Image {
        layerDigests = List.copyOf(layerDigests);
    }
}
