package dev.hawse.containerd.oci;

import dev.hawse.sys.Inode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One walk through layers laid over each other as overlayfs does it, with links resolved by hand, element by element: no
 * name in a layer ever leads out of it. Holds what it came by until closed.
 */
final class LayerWalk implements AutoCloseable {

    /** As many as the kernel follows. */
    private static final int MOST_LINKS = 40;

    private final OverlayMarks marks;
    private final List<Inode> held = new ArrayList<>();
    private final Folder root;

    private sealed interface Found {}

    /** A folder of the merged view: those of the layers that have it, the topmost first. */
    private record Folder(List<Inode> parts) implements Found {}

    private record Leaf(Inode inode) implements Found {}

    /** @param layers the topmost first */
    LayerWalk(List<Path> layers, OverlayMarks marks) throws IOException {
        this.marks = marks;
        try {
            for (var layer : layers) {
                held.add(Inode.hold(layer));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        this.root = new Folder(List.copyOf(held));
    }

    /** The regular file that a path leads to; null when it leads to nothing or to something else. */
    @Nullable
    Inode find(String path) throws IOException {
        var rest = elements(path);
        var at = new ArrayDeque<Folder>(List.of(root));
        int links = 0;
        while (!rest.isEmpty()) {
            var name = rest.pop();
            if (name.equals("..")) {
                if (at.size() > 1) {
                    at.pop();
                }
                continue;
            }
            switch (look(at.getFirst(), name)) {
                case null -> {
                    return null;
                }
                case Folder folder -> at.push(folder);
                case Leaf(Inode leaf)
                when leaf.type() == Inode.Type.LINK -> {
                    if (++links > MOST_LINKS) {
                        return null;
                    }
                    var text = leaf.linkText();
                    if (text.startsWith("/")) {
                        at.clear();
                        at.push(root);
                    }
                    var target = elements(text);
                    target.addAll(rest);
                    rest = target;
                }
                case Leaf(Inode leaf) -> {
                    if (leaf.type() != Inode.Type.FILE || !rest.isEmpty()) {
                        return null;
                    }
                    marks.checkContent(leaf);
                    return leaf;
                }
            }
        }
        return null;
    }

    /** What hides lower layers: a file, a link, a device (0/0 is a whiteout; no other is read either), an opaque folder. */
    private @Nullable Found look(Folder folder, String name) throws IOException {
        var parts = new ArrayList<Inode>();
        for (var part : folder.parts) {
            var child = part.child(name);
            if (child == null) {
                continue;
            }
            held.add(child);
            if (child.type() != Inode.Type.FOLDER) {
                if (parts.isEmpty()) {
                    return new Leaf(child);
                }
                break;
            }
            parts.add(child);
            if (marks.isOpaque(child)) {
                break;
            }
        }
        return parts.isEmpty() ? null : new Folder(parts);
    }

    private static ArrayDeque<String> elements(String path) {
        var elements = new ArrayDeque<>(Arrays.asList(path.split("/")));
        elements.removeIf(element -> element.isEmpty() || element.equals("."));
        return elements;
    }

    @Override
    public void close() {
        held.forEach(Inode::close);
        held.clear();
    }
}
