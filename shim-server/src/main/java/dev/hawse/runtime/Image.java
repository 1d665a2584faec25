package dev.hawse.runtime;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image under one name.
 *
 * @param name whole: registry host, repository, and tag or digest
 * @param digest of the manifest or index that the name points to
 * @param platform as "linux/amd64"
 * @param configDigest of its configuration: what Docker calls the image id
 * @param sizeBytes of its layers as they are stored
 * @param builtAt as it says itself; null when it does not
 * @param updatedAt when the name was made or last moved
 * @param layerDigests as stored, the lowest first
 */
public record Image(
        String name,
        String digest,
        RuntimeKind runtime,
        String platform,
        String configDigest,
        long sizeBytes,
        @Nullable Instant builtAt,
        Instant updatedAt,
        ImageConfig config,
        List<String> layerDigests) {

    public Image {
        layerDigests = List.copyOf(layerDigests);
    }
}
