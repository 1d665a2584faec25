package dev.hawse.containerd.image;

import dev.hawse.runtime.ImageConfig;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JSON document of an image, read and checked. */
sealed interface Document {

    /** The manifests of several platforms, or other indexes. */
    record Index(List<Descriptor> manifests) implements Document {
        public Index {
            manifests = List.copyOf(manifests);
        }
    }

    /** What one image for one platform consists of, the lowest layer first. */
    record Manifest(Descriptor config, List<Descriptor> layers) implements Document {
        public Manifest {
            layers = List.copyOf(layers);
        }
    }

    /**
     * What an image says of itself.
     *
     * @param created null when it does not say
     * @param diffIds digests of its layers when they are not compressed, the lowest first
     */
    record Config(Platform platform, @Nullable Instant created, ImageConfig image, List<String> diffIds)
            implements Document {
        public Config {
            diffIds = List.copyOf(diffIds);
        }
    }
}
