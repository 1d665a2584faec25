package dev.hawse.containerd.image;

import java.util.LinkedHashMap;
import java.util.Map;

/** The labels by which containerd's garbage collection finds from one content to the next, as its own clients set them. */
final class GcLabels {

    private static final String CONTENT = "containerd.io/gc.ref.content.";

    private GcLabels() {}

    /** From what a name points to down to the layers; nothing for what is on other ways. */
    static void connect(Content content, ResolvedImage image) {
        var path = image.path();
        for (var i = 0; i + 1 < path.size(); i++) {
            var child = path.get(i + 1);
            refer(content, path.get(i).digest(), MediaTypes.isManifest(child.mediaType()) ? "m." : "", child.digest());
        }
        var labels = new LinkedHashMap<String, String>();
        labels.put(CONTENT + "config", image.manifest().config().digest());
        var layers = image.manifest().layers();
        for (var i = 0; i < layers.size(); i++) {
            labels.put(CONTENT + "l." + i, layers.get(i).digest());
        }
        content.label(path.getLast().digest(), labels);
    }

    /** Beside what the index refers to already: other programs may have fetched other platforms of it. */
    private static void refer(Content content, String index, String kind, String child) {
        var labels = content.labels(index);
        if (labels.entrySet().stream()
                .anyMatch(l -> l.getKey().startsWith(CONTENT) && l.getValue().equals(child))) {
            return;
        }
        var n = 0;
        while (labels.containsKey(CONTENT + kind + n)) {
            n++;
        }
        content.label(index, Map.of(CONTENT + kind + n, child));
    }

    /** From the configuration to the snapshots. */
    static void unpacked(Content content, ResolvedImage image, String snapshotter) {
        if (!image.topChainId().isEmpty()) {
            content.label(
                    image.manifest().config().digest(),
                    Map.of("containerd.io/gc.ref.snapshot." + snapshotter, image.topChainId()));
        }
    }
}
