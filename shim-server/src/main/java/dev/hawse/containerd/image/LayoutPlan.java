package dev.hawse.containerd.image;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an archive that is an OCI image layout holds. */
final class LayoutPlan {

    private static final String NAME = "io.containerd.image.name";
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private final ArchiveFiles files;
    private final ImageTree tree;
    private final BaseName base;

    LayoutPlan(ArchiveFiles files, ImageTree tree, BaseName base) {
        this.files = files;
        this.tree = tree;
        this.base = base;
    }

    List<PlannedImage> images(byte[] layout, byte @Nullable [] index) {
        var version = Documents.json(ArchiveFiles.OCI_LAYOUT, layout)
                .path("imageLayoutVersion")
                .asText("");
        if (!version.equals("1.0.0")) {
            throw Documents.invalid("archive: " + ArchiveFiles.OCI_LAYOUT
                    + " must have imageLayoutVersion 1.0.0 (got \"" + Text.printable(version) + "\")");
        }
        if (index == null) {
            throw Documents.invalid("archive: it has " + ArchiveFiles.OCI_LAYOUT + " but no " + ArchiveFiles.INDEX);
        }
        var roots = Documents.descriptors(
                ArchiveFiles.INDEX + ", manifests",
                Documents.json(ArchiveFiles.INDEX, index).path("manifests"));
        return choose(roots.stream().filter(root -> !root.isAttestation()).toList());
    }

    private List<PlannedImage> choose(List<Descriptor> roots) {
        if (roots.isEmpty()) {
            throw Documents.invalid("archive: " + ArchiveFiles.INDEX + " lists no image");
        }
        var byName = new LinkedHashMap<String, List<Descriptor>>();
        roots.forEach(root ->
                byName.computeIfAbsent(name(root), _ -> new ArrayList<>()).add(root));
        var images = new ArrayList<PlannedImage>();
        byName.forEach((name, group) -> {
            var runnable = runnable(name, group);
            // Several under one name are one image for several platforms.
            images.addAll(name.isEmpty() ? runnable : runnable.subList(0, 1));
        });
        return images;
    }

    /** Those for this machine, at least one. */
    private List<PlannedImage> runnable(String name, List<Descriptor> roots) {
        var images = new ArrayList<PlannedImage>();
        var mismatches = new ArrayList<String>();
        for (var root : roots) {
            var own = name.isEmpty() ? base.of(root.digest()) : name;
            try {
                images.add(new PlannedImage(List.of(own), whole("image " + Text.printable(own), root)));
            } catch (RuntimeFailure e) {
                if (e.reason() != Reason.PLATFORM_MISMATCH) {
                    throw e;
                }
                mismatches.add(e.getMessage());
            }
        }
        if (images.isEmpty()) {
            throw RuntimeFailure.of(Reason.PLATFORM_MISMATCH, String.join("; ", mismatches));
        }
        return images;
    }

    private ResolvedImage whole(String what, Descriptor root) {
        var image = tree.runnable(what, root);
        for (var layer : image.manifest().layers()) {
            if (!files.has(layer.digest())) {
                throw Documents.invalid("archive: the layer " + layer.digest() + " is not in it");
            }
        }
        return image;
    }

    /** Empty when the archive gives none. */
    private String name(Descriptor root) {
        var whole = root.annotations().getOrDefault(NAME, "");
        var name = whole.isEmpty() ? root.annotations().getOrDefault(REF_NAME, "") : whole;
        return name.isEmpty() ? "" : base.whole(name);
    }
}
