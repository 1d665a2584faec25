package dev.hawse.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An image for one platform. Immutable; the {@code with} methods give changed copies.
 *
 * @param config as images have it: "Env", "Cmd", "Entrypoint", "User", "WorkingDir", "StopSignal", "Labels", …
 * @param layers plain tars, the lowest first
 */
public record TestImage(String os, String architecture, Map<String, Object> config, List<byte[]> layers) {

    public TestImage {
        config = Map.copyOf(config);
        layers = List.copyOf(layers);
    }

    public TestImage with(String key, Object value) {
        var changed = new LinkedHashMap<>(config);
        changed.put(key, value);
        return new TestImage(os, architecture, changed, layers);
    }

    public TestImage withLayer(UnaryOperator<TarBuilder> content) {
        var more = new ArrayList<>(layers);
        more.add(TarBuilder.tar(content));
        return new TestImage(os, architecture, config, more);
    }

    public TestImage forPlatform(String newOs, String newArchitecture) {
        return new TestImage(newOs, newArchitecture, config, layers);
    }

    public List<String> diffIds() {
        return layers.stream().map(Digests::sha256).toList();
    }

    /** The configuration as it lies in an archive; its digest is the image id. */
    public byte[] configJson() {
        var root = new LinkedHashMap<String, Object>();
        root.put("created", "2026-01-02T03:04:05Z");
        root.put("architecture", architecture);
        root.put("os", os);
        root.put("config", config);
        root.put("rootfs", Map.of("type", "layers", "diff_ids", diffIds()));
        root.put(
                "history",
                layers.stream().map(l -> Map.of("created_by", "test")).toList());
        return Json.bytes(root);
    }
}
