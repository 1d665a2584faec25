package dev.hawse.containerd.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.containerd.api.services.images.v1.Image;
import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes images as one archive in both formats: an OCI image layout with Docker's {@code manifest.json} beside it, content
 * that images share once. For one thread and one archive.
 */
final class ImageSave {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Content content;
    private final ImageTree tree;

    private final ArrayNode index = JSON.createArrayNode();
    private final Map<String, ObjectNode> docker = new LinkedHashMap<>();
    private final Map<String, Long> blobs = new TreeMap<>();

    ImageSave(Content content, ImageTree tree) {
        this.content = content;
        this.tree = tree;
    }

    void add(Image stored) {
        var what = "image " + stored.getName();
        var target = Descriptor.of(stored.getTarget());
        var image = tree.readable(what, target);
        var all = tree.everything(target);
        var whole = all.stream().allMatch(d -> content.has(d.digest()));
        // An index must not list what the archive has not, or it cannot be loaded everywhere: then the image alone goes
        // in.
        var root = whole ? target : image.path().getLast();
        var parts = whole ? all : tree.everything(root);
        for (var part : parts) {
            var size = content.size(part.digest())
                    .orElseThrow(() -> RuntimeFailure.of(
                            Reason.IMAGE_NOT_FOUND,
                            what + " is not whole: its content " + part.digest() + " is not here; load it again",
                            Map.of("image", stored.getName())));
            blobs.put(part.digest(), size);
        }
        var reference = reference(stored.getName());
        addToIndex(stored.getName(), root, image, reference);
        addToDocker(image, reference);
    }

    /** Empty for a name that only containerd understands. */
    private static Optional<ImageReference> reference(String name) {
        try {
            return Optional.of(ImageReference.parse(name)).filter(r -> r.tag() != null);
        } catch (RuntimeFailure _) {
            return Optional.empty();
        }
    }

    private void addToIndex(String name, Descriptor root, ResolvedImage image, Optional<ImageReference> reference) {
        var entry = index.addObject();
        entry.put("mediaType", root.mediaType()).put("digest", root.digest()).put("size", root.size());
        var platform = image.config().platform();
        if (root.digest().equals(image.path().getLast().digest())
                && !platform.architecture().isEmpty()) {
            entry.putObject("platform")
                    .put("architecture", platform.architecture())
                    .put("os", platform.os());
            if (!platform.variant().isEmpty()) {
                entry.withObject("/platform").put("variant", platform.variant());
            }
        }
        var annotations = entry.putObject("annotations").put("io.containerd.image.name", name);
        reference.ifPresent(r -> annotations.put("org.opencontainers.image.ref.name", r.tag()));
    }

    private void addToDocker(ResolvedImage image, Optional<ImageReference> reference) {
        var entry = docker.computeIfAbsent(image.path().getLast().digest(), _ -> dockerEntry(image));
        reference.ifPresent(r -> entry.withArray("/RepoTags").add(r.familiarName()));
    }

    private static ObjectNode dockerEntry(ResolvedImage image) {
        var entry = JSON.createObjectNode();
        entry.put("Config", path(image.manifest().config().digest()));
        entry.putArray("RepoTags");
        var layers = entry.putArray("Layers");
        image.manifest().layers().forEach(layer -> layers.add(path(layer.digest())));
        return entry;
    }

    private static String path(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }

    /** @throws IOException when the archive cannot be written */
    void write(OutputStream archive) throws IOException {
        // Not closed: the stream is the caller's.
        var tar = new TarArchiveOutputStream(archive, "UTF-8");
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        // What the archive is comes first, so that who reads it once knows at once.
        file(
                tar,
                ArchiveFiles.OCI_LAYOUT,
                "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        var root = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
        root.set("manifests", index);
        file(tar, ArchiveFiles.INDEX, JSON.writeValueAsBytes(root));
        file(tar, ArchiveFiles.DOCKER, JSON.writeValueAsBytes(List.copyOf(docker.values())));
        directory(tar, "blobs/");
        directory(tar, "blobs/sha256/");
        for (var blob : blobs.entrySet()) {
            open(tar, path(blob.getKey()), blob.getValue());
            content.copy(blob.getKey(), blob.getValue(), tar);
            tar.closeArchiveEntry();
        }
        tar.finish();
        archive.flush();
    }

    private static void file(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        open(tar, name, bytes.length);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void open(TarArchiveOutputStream tar, String name, long size) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setMode(0444);
        entry.setModTime(0L);
        tar.putArchiveEntry(entry);
    }

    private static void directory(TarArchiveOutputStream tar, String name) throws IOException {
        var entry = new TarArchiveEntry(name, TarConstants.LF_DIR);
        entry.setMode(0755);
        entry.setModTime(0L);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }
}
