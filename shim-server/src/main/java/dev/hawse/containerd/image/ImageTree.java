package dev.hawse.containerd.image;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds in what a name points to, an index or a manifest, the image for a platform. Safe for any number of threads. */
final class ImageTree {

    private static final int DEEPEST = 4;
    private static final int MOST_MANIFESTS = 10_000;

    private final BlobSource source;
    private final DocumentCache cache;
    private final Platform host;

    ImageTree(BlobSource source, DocumentCache cache, Platform host) {
        this.source = source;
        this.cache = cache;
        this.host = host;
    }

    /** A manifest that may or may not be there, and the indexes above it. */
    private record Leaf(List<Descriptor> path, @Nullable Platform platform) {
        Descriptor manifest() {
            return path.getLast();
        }
    }

    /**
     * The image that this machine can run.
     *
     * @param what for messages, as "image docker.io/library/busybox:1"
     */
    ResolvedImage runnable(String what, Descriptor target) {
        var others = new LinkedHashSet<String>();
        for (var leaf : leaves(target)) {
            var platform = leaf.platform();
            if (platform != null && host.rank(platform) < 0) {
                others.add(platform.toString());
                continue;
            }
            if (platform == null
                    && leaf.path().size() > 1
                    && !source.has(leaf.manifest().digest())) {
                continue;
            }
            var image = read(target, leaf);
            var own = image.config().platform();
            if (own.architecture().isEmpty() || host.rank(own) >= 0) {
                return image;
            }
            others.add(own.toString());
        }
        throw RuntimeFailure.of(
                Reason.PLATFORM_MISMATCH,
                what + " has nothing for " + host
                        + (others.isEmpty() ? "" : "; it is for " + String.join(", ", others)),
                Map.of("image", target.digest()));
    }

    /** The image that this machine can run, or any that is there. */
    ResolvedImage readable(String what, Descriptor target) {
        for (var leaf : leaves(target)) {
            if (source.has(leaf.manifest().digest())) {
                return read(target, leaf);
            }
        }
        throw RuntimeFailure.of(
                Reason.IMAGE_NOT_FOUND, what + " has no content here; load it again", Map.of("image", target.digest()));
    }

    /** All content below, itself included, whether it is there or not. */
    List<Descriptor> everything(Descriptor target) {
        var all = new LinkedHashMap<String, Descriptor>();
        collect(target, 0, all);
        return List.copyOf(all.values());
    }

    private void collect(Descriptor descriptor, int depth, Map<String, Descriptor> all) {
        if (all.putIfAbsent(descriptor.digest(), descriptor) != null || !source.has(descriptor.digest())) {
            return;
        }
        switch (document(descriptor, depth)) {
            case Document.Index index -> index.manifests().forEach(child -> collect(child, depth + 1, all));
            case Document.Manifest manifest -> {
                all.putIfAbsent(manifest.config().digest(), manifest.config());
                manifest.layers().forEach(layer -> all.putIfAbsent(layer.digest(), layer));
            }
            case Document.Config _ -> throw new IllegalStateException("not read as a configuration");
        }
    }

    /** The best for this machine first. */
    private List<Leaf> leaves(Descriptor target) {
        var all = new ArrayList<Leaf>();
        gather(List.of(target), all, new HashSet<>());
        all.sort(Comparator.comparingInt(this::order));
        return all;
    }

    private int order(Leaf leaf) {
        var platform = leaf.platform();
        var rank = platform == null ? 0 : host.rank(platform);
        return rank < 0 ? Integer.MAX_VALUE : rank;
    }

    /** @param indexes seen before, which need not be read again however often they are listed */
    private void gather(List<Descriptor> path, List<Leaf> all, Set<String> indexes) {
        var descriptor = path.getLast();
        if (all.size() >= MOST_MANIFESTS) {
            throw Documents.invalid("the index " + path.getFirst().digest() + " has more than " + MOST_MANIFESTS
                    + " manifests below it");
        }
        if (path.size() > 1 && (MediaTypes.isManifest(descriptor.mediaType()) || !source.has(descriptor.digest()))) {
            all.add(new Leaf(path, descriptor.platform()));
            return;
        }
        switch (document(descriptor, path.size() - 1)) {
            case Document.Index index -> {
                if (indexes.add(descriptor.digest())) {
                    index.manifests().stream()
                            .filter(child -> !child.isAttestation())
                            .forEach(child -> gather(
                                    Stream.concat(path.stream(), Stream.of(child))
                                            .toList(),
                                    all,
                                    indexes));
                }
            }
            case Document.Manifest _ -> all.add(new Leaf(path, descriptor.platform()));
            case Document.Config _ -> throw new IllegalStateException("not read as a configuration");
        }
    }

    private Document document(Descriptor descriptor, int depth) {
        var document =
                cache.get(descriptor.digest(), () -> Documents.read(descriptor, source.read(descriptor.digest())));
        if (document instanceof Document.Index && depth >= DEEPEST) {
            throw Documents.invalid("the index " + descriptor.digest() + " is nested more than " + DEEPEST + " deep");
        }
        return document;
    }

    private ResolvedImage read(Descriptor target, Leaf leaf) {
        if (!(document(leaf.manifest(), 0) instanceof Document.Manifest manifest)) {
            throw Documents.invalid(leaf.manifest().digest() + " must be a manifest");
        }
        var digest = manifest.config().digest();
        var document = cache.get(digest, () -> ConfigDocument.read(digest, source.read(digest)));
        if (!(document instanceof Document.Config config)) {
            throw Documents.invalid(digest + " must be a configuration");
        }
        return new ResolvedImage(target, leaf.path(), manifest, config);
    }
}
