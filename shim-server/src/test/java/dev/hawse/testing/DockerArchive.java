package dev.hawse.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Makes an archive as older Docker saves it: each layer in a directory of its own, {@code manifest.json} last. */
public final class DockerArchive {

    private final TarBuilder tar = new TarBuilder();
    private final List<Map<String, Object>> manifest = new ArrayList<>();
    private final LinkedHashSet<String> written = new LinkedHashSet<>();

    /** Adds an image under names that may be incomplete, as "busybox:1". */
    public DockerArchive image(TestImage image, String... repoTags) {
        var layers = new ArrayList<String>();
        for (var layer : image.layers()) {
            var name = Digests.hex(layer) + "/layer.tar";
            if (written.add(name)) {
                tar.dir(Digests.hex(layer), 0755).file(name, layer);
            }
            layers.add(name);
        }
        var config = Digests.hex(image.configJson()) + ".json";
        if (written.add(config)) {
            tar.file(config, image.configJson());
        }
        var entry = new LinkedHashMap<String, Object>();
        entry.put("Config", config);
        entry.put("RepoTags", List.of(repoTags));
        entry.put("Layers", layers);
        manifest.add(entry);
        return this;
    }

    public byte[] bytes() {
        return tar.file("manifest.json", Json.bytes(manifest)).bytes();
    }
}
