package dev.hawse.containerd.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an archive in Docker's format holds. It has no manifests in the registry's sense: they are made here, byte for byte
 * as containerd's own import makes them, so that an image has the same digest however it was loaded.
 */
final class DockerPlan {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ArchiveFiles files;
    private final BlobSource source;
    private final BlobSink sink;
    private final ImageTree tree;
    private final BaseName base;

    DockerPlan(ArchiveFiles files, BlobSource source, BlobSink sink, ImageTree tree, BaseName base) {
        this.files = files;
        this.source = source;
        this.sink = sink;
        this.tree = tree;
        this.base = base;
    }

    List<PlannedImage> images(byte[] manifest) throws IOException {
        var list = Documents.json(ArchiveFiles.DOCKER, manifest);
        if (!list.isArray() || list.isEmpty()) {
            throw Documents.invalid("archive: " + ArchiveFiles.DOCKER + " lists no image");
        }
        var images = new ArrayList<PlannedImage>();
        for (var item : list) {
            images.add(image(item));
        }
        return images;
    }

    private PlannedImage image(JsonNode item) throws IOException {
        var config = files.blob(item.path("Config").asText(""));
        var layers =
                Documents.texts(item.path("Layers")).stream().map(files::blob).toList();
        checkDigests(ConfigDocument.read(config.digest(), source.read(config.digest())), layers);
        var bytes = manifest(config, layers);
        var stored = sink.store("the manifest", new ByteArrayInputStream(bytes), bytes.length, null);
        files.made(stored);
        var target = Descriptor.of(MediaTypes.DOCKER_MANIFEST, stored.digest(), stored.size());
        var tags = Documents.texts(item.path("RepoTags"));
        var names = tags.isEmpty()
                ? List.of(base.of(target.digest()))
                : tags.stream().map(base::whole).toList();
        return new PlannedImage(names, tree.runnable("image " + Text.printable(names.getFirst()), target));
    }

    /** A plain layer's digest is known to both sides; that of a compressed one shows when it is unpacked. */
    private static void checkDigests(Document.Config config, List<Blob> layers) {
        for (var i = 0; i < Math.min(layers.size(), config.diffIds().size()); i++) {
            var layer = layers.get(i);
            var expected = config.diffIds().get(i);
            if (layer.compression() == Compression.NONE && !layer.digest().equals(expected)) {
                throw RuntimeFailure.of(
                        Reason.DIGEST_MISMATCH,
                        "archive: layer " + (i + 1) + " of " + layers.size() + " must have the digest " + expected
                                + " (got " + layer.digest() + ")");
            }
        }
    }

    private static byte[] manifest(Blob config, List<Blob> layers) throws IOException {
        var root = JSON.createObjectNode();
        root.put("schemaVersion", 2);
        root.put("mediaType", MediaTypes.DOCKER_MANIFEST);
        describe(root.putObject("config"), MediaTypes.DOCKER_CONFIG, config);
        var list = root.putArray("layers");
        for (var layer : layers) {
            // The plain type leaves it to containerd to tell from the bytes, which is right for zstd too.
            var gzip = layer.compression() == Compression.GZIP;
            describe(list.addObject(), gzip ? MediaTypes.DOCKER_LAYER_GZIP : MediaTypes.DOCKER_LAYER, layer);
        }
        return JSON.writeValueAsBytes(root);
    }

    private static void describe(ObjectNode node, String mediaType, Blob blob) {
        node.put("mediaType", mediaType).put("digest", blob.digest()).put("size", blob.size());
    }
}
