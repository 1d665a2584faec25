package dev.hawse.containerd.image;

import dev.hawse.runtime.Image;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * An image for one platform, and the way to it from what a name points to.
 *
 * @param target what the name points to: an index or the manifest
 * @param path the indexes on the way and the manifest at last; at least the manifest
 */
record ResolvedImage(Descriptor target, List<Descriptor> path, Document.Manifest manifest, Document.Config config) {

    ResolvedImage {
        path = List.copyOf(path);
        if (manifest.layers().size() != config.diffIds().size()) {
            throw Documents.invalid("the manifest " + path.getLast().digest() + " has "
                    + manifest.layers().size() + " layers but its configuration names "
                    + config.diffIds().size());
        }
    }

    List<String> chainIds() {
        return Digests.chainIds(config.diffIds());
    }

    /** Empty for an image without layers. */
    String topChainId() {
        var chain = chainIds();
        return chain.isEmpty() ? "" : chain.getLast();
    }

    List<LayerDescriptor> layers() {
        var layers = new ArrayList<LayerDescriptor>();
        for (var i = 0; i < manifest.layers().size(); i++) {
            var layer = manifest.layers().get(i);
            layers.add(new LayerDescriptor(
                    layer.mediaType(),
                    layer.digest(),
                    layer.size(),
                    config.diffIds().get(i)));
        }
        return layers;
    }

    Image named(String name, Instant updatedAt) {
        return new Image(
                name,
                target.digest(),
                RuntimeKind.CONTAINERD,
                config.platform().toString(),
                manifest.config().digest(),
                manifest.layers().stream().mapToLong(Descriptor::size).sum(),
                config.created(),
                updatedAt,
                config.image(),
                manifest.layers().stream().map(Descriptor::digest).toList());
    }
}
