package dev.hawse.containerd.image;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reference to content, as indexes and manifests have it.
 *
 * @param digest "sha256:…", checked
 * @param platform null when the reference does not tell
 */
record Descriptor(
        String mediaType,
        String digest,
        long size,
        Map<String, String> annotations,
        @Nullable Platform platform) {

    Descriptor {
        annotations = Map.copyOf(annotations);
    }

    static Descriptor of(String mediaType, String digest, long size) {
        return new Descriptor(mediaType, digest, size, Map.of(), null);
    }

    static Descriptor of(dev.hawse.containerd.api.types.Descriptor target) {
        return of(target.getMediaType(), target.getDigest(), target.getSize());
    }

    dev.hawse.containerd.api.types.Descriptor toApi() {
        return dev.hawse.containerd.api.types.Descriptor.newBuilder()
                .setMediaType(mediaType)
                .setDigest(digest)
                .setSize(size)
                .build();
    }

    /** Whether it describes another manifest rather than an image to run. */
    boolean isAttestation() {
        return annotations.containsKey("vnd.docker.reference.type") || (platform != null && !platform.isKnown());
    }
}
