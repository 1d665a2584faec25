package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.LoadPhase;
import dev.hawse.api.runtime.v1.LoadProgress;
import dev.hawse.api.runtime.v1.RemoveImageResponse;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.ImageOperations.Removed;

/** Images, between the API and the port. Pure functions. */
final class ImageMapper {

    private ImageMapper() {}

    static dev.hawse.api.runtime.v1.Image image(Image image) {
        var out = dev.hawse.api.runtime.v1.Image.newBuilder()
                .setName(image.name())
                .setDigest(image.digest())
                .setRuntime(RuntimeMapper.kind(image.runtime()))
                .setPlatform(image.platform())
                .setConfigDigest(image.configDigest())
                .setSizeBytes(image.sizeBytes())
                .setUpdatedAt(Times.timestamp(image.updatedAt()))
                .setConfig(config(image.config()))
                .addAllLayerDigests(image.layerDigests());
        if (image.builtAt() != null) {
            out.setBuiltAt(Times.timestamp(image.builtAt()));
        }
        return out.build();
    }

    private static dev.hawse.api.runtime.v1.ImageConfig config(ImageConfig config) {
        return dev.hawse.api.runtime.v1.ImageConfig.newBuilder()
                .addAllEntrypoint(config.entrypoint())
                .addAllCmd(config.cmd())
                .addAllEnv(config.env())
                .setWorkingDir(config.workingDir())
                .setUser(config.user())
                .setStopSignal(config.stopSignal())
                .putAllLabels(config.labels())
                .addAllExposedPorts(config.exposedPorts())
                .addAllVolumes(config.volumes())
                .build();
    }

    static RemoveImageResponse removed(Removed removed) {
        return RemoveImageResponse.newBuilder()
                .addAllUntagged(removed.untagged())
                .addAllDeleted(removed.deleted())
                .build();
    }

    /** So many bytes of the archive have been read. */
    static LoadProgress reading(long bytes) {
        return LoadProgress.newBuilder()
                .setPhase(LoadPhase.LOAD_PHASE_READING)
                .setDone(bytes)
                .build();
    }

    /** So many layers of an image are done. */
    static LoadProgress unpacking(String image, String layerDigest, int layersDone, int layers) {
        return LoadProgress.newBuilder()
                .setPhase(LoadPhase.LOAD_PHASE_UNPACKING)
                .setImage(image)
                .setDigest(layerDigest)
                .setDone(layersDone)
                .setTotal(layers)
                .build();
    }
}
