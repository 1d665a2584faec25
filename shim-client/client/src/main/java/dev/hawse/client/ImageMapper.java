package dev.hawse.client;

import dev.hawse.api.runtime.v1.LoadImagesResponse;

/** Images between the wire and Java. */
final class ImageMapper {

    private ImageMapper() {}

    static Image image(dev.hawse.api.runtime.v1.Image i) {
        var c = i.getConfig();
        return new Image(
                i.getName(),
                i.getDigest(),
                Values.runtime(i.getRuntime()),
                i.getPlatform(),
                i.getConfigDigest(),
                i.getSizeBytes(),
                Values.instant(i.hasBuiltAt(), i.getBuiltAt()),
                Values.instant(i.hasUpdatedAt(), i.getUpdatedAt()),
                new ImageConfig(
                        c.getEntrypointList(),
                        c.getCmdList(),
                        c.getEnvList(),
                        c.getWorkingDir(),
                        c.getUser(),
                        c.getStopSignal(),
                        c.getLabelsMap(),
                        c.getExposedPortsList(),
                        c.getVolumesList()),
                i.getLayerDigestsList());
    }

    static dev.hawse.api.runtime.v1.ImageFilter filter(ImageFilter f) {
        var filter = dev.hawse.api.runtime.v1.ImageFilter.newBuilder()
                .addAllNames(f.names())
                .putAllLabels(f.labels());
        f.runtimes().forEach(r -> filter.addRuntimes(Values.runtime(r)));
        return filter.build();
    }

    static LoadProgress progress(LoadImagesResponse response) {
        var p = response.getProgress();
        return new LoadProgress(
                Values.fromWire(LoadProgress.Phase.class, p.getPhase(), "LOAD_PHASE_", LoadProgress.Phase.UNKNOWN),
                p.getImage(),
                p.getDigest(),
                p.getDone(),
                p.getTotal());
    }
}
