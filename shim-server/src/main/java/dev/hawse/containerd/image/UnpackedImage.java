package dev.hawse.containerd.image;

import dev.hawse.runtime.ImageConfig;
import java.util.List;

/**
 * An image that containers can be made from at once: its snapshots are there, for as long as it has a name.
 *
 * @param name whole
 * @param digest of what the name points to
 * @param topChainId the snapshot to put a container's own on top of; empty for an image without layers
 * @param layers the lowest first
 */
public record UnpackedImage(
        String name, String digest, ImageConfig config, String topChainId, List<LayerDescriptor> layers) {
    public UnpackedImage {
        layers = List.copyOf(layers);
    }
}
