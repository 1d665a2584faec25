package dev.hawse.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes an OCI image layout in a tar. Descriptors are plain maps, so that tests can make wrong ones.
 *
 * <pre>{@code
 * var layout = new OciLayout();
 * byte[] tar = layout.archive(layout.named("docker.io/library/x:1", layout.manifest(image, Compression.ZSTD)));
 * }</pre>
 */
public final class OciLayout {

    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String CONFIG = "application/vnd.oci.image.config.v1+json";

    private final Map<String, byte[]> blobs = new LinkedHashMap<>();

    /** Adds a blob. */
    public Map<String, Object> blob(String mediaType, byte[] bytes) {
        var digest = Digests.sha256(bytes);
        blobs.put(digest, bytes);
        return new LinkedHashMap<>(Map.of("mediaType", mediaType, "digest", digest, "size", bytes.length));
    }

    /** Leaves content out that descriptors refer to. */
    public void forget(String digest) {
        blobs.remove(digest);
    }

    public void forget(Map<String, Object> descriptor) {
        forget(String.valueOf(descriptor.get("digest")));
    }

    /** Adds the blobs of an image. */
    public Map<String, Object> manifest(TestImage image, Compression compression) {
        var layers = image.layers().stream()
                .map(tar -> blob(compression.layerType(), compression.of(tar)))
                .toList();
        var config = blob(CONFIG, image.configJson());
        var manifest = Map.of("schemaVersion", 2, "mediaType", MANIFEST, "config", config, "layers", layers);
        var descriptor = blob(MANIFEST, Json.bytes(manifest));
        descriptor.put("platform", Map.of("os", image.os(), "architecture", image.architecture()));
        return descriptor;
    }

    /** Adds an index of manifests or of indexes. */
    public Map<String, Object> index(List<Map<String, Object>> manifests) {
        return blob(INDEX, Json.bytes(Map.of("schemaVersion", 2, "mediaType", INDEX, "manifests", manifests)));
    }

    /** The descriptor under a whole name, as containerd writes it. */
    public Map<String, Object> named(String name, Map<String, Object> descriptor) {
        return annotated(descriptor, "io.containerd.image.name", name);
    }

    public Map<String, Object> annotated(Map<String, Object> descriptor, String key, String value) {
        var copy = new LinkedHashMap<>(descriptor);
        copy.put("annotations", Map.of(key, value));
        return copy;
    }

    /** The whole archive, its index first. */
    public byte[] archive(List<Map<String, Object>> roots) {
        return write(new TarBuilder(), roots).bytes();
    }

    /** The same with one root. */
    public byte[] archive(Map<String, Object> root) {
        return archive(List.of(root));
    }

    public TarBuilder write(TarBuilder tar, List<Map<String, Object>> roots) {
        tar.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        tar.file("index.json", Json.bytes(Map.of("schemaVersion", 2, "manifests", roots)));
        tar.dir("blobs", 0755).dir("blobs/sha256", 0755);
        new ArrayList<>(blobs.entrySet())
                .forEach(b -> tar.file("blobs/sha256/" + b.getKey().substring("sha256:".length()), b.getValue()));
        return tar;
    }
}
