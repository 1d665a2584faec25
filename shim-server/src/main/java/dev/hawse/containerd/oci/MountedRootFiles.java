package dev.hawse.containerd.oci;

import dev.hawse.containerd.api.types.Mount;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import dev.hawse.sys.Inode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container's files, read straight from the folders of a snapshot's layers without mounting them. Needs the right to
 * read those folders. Never follows a link out of them, also while the container changes them. Safe from any thread.
 */
public final class MountedRootFiles implements RootFiles {

    private final List<Path> layers;
    private final OverlayMarks marks;

    private MountedRootFiles(List<Path> layers, OverlayMarks marks) {
        this.layers = List.copyOf(layers);
        this.marks = marks;
    }

    /**
     * Over what containerd answered to Snapshots.Mounts, Prepare or View.
     *
     * @throws RuntimeFailure when these are mounts of another kind than bind and overlay
     */
    public static MountedRootFiles over(List<Mount> mounts) {
        if (mounts.size() != 1 || !mounts.getFirst().getTarget().isEmpty()) {
            throw unsupported(mounts.size() + " mounts");
        }
        var mount = mounts.getFirst();
        return switch (mount.getType()) {
            case "bind" -> new MountedRootFiles(List.of(Path.of(mount.getSource())), OverlayMarks.TRUSTED);
            case "overlay" -> overlay(mount.getOptionsList());
            default -> throw unsupported("mount type \"" + Text.printable(mount.getType()) + "\"");
        };
    }

    private static MountedRootFiles overlay(List<String> options) {
        var upper = new ArrayList<Path>();
        var lower = new ArrayList<Path>();
        for (var option : options) {
            if (option.startsWith("upperdir=")) {
                upper.add(Path.of(option.substring("upperdir=".length())));
            } else if (option.startsWith("lowerdir=")) {
                folders(option.substring("lowerdir=".length())).forEach(folder -> lower.add(Path.of(folder)));
            } else if (option.startsWith("lowerdir+") || option.startsWith("datadir+")) {
                throw unsupported("overlay option \"" + Text.printable(option) + "\"");
            }
        }
        upper.addAll(lower);
        if (upper.isEmpty()) {
            throw unsupported("an overlay mount without folders");
        }
        return new MountedRootFiles(upper, options.contains("userxattr") ? OverlayMarks.USER : OverlayMarks.TRUSTED);
    }

    /** Splits at ":", before which "\\" makes it part of a name. */
    private static List<String> folders(String list) {
        var folders = new ArrayList<String>();
        var folder = new StringBuilder();
        for (int i = 0; i < list.length(); i++) {
            var c = list.charAt(i);
            if (c == '\\' && i + 1 < list.length()) {
                folder.append(list.charAt(++i));
            } else if (c == ':') {
                folders.add(folder.toString());
                folder.setLength(0);
            } else {
                folder.append(c);
            }
        }
        folders.add(folder.toString());
        if (folders.contains("")) {
            throw unsupported("an overlay mount with data-only layers");
        }
        return folders;
    }

    @Override
    public byte @Nullable [] read(String absolutePath) {
        try (var walk = new LayerWalk(layers, marks)) {
            var file = walk.find(absolutePath);
            var bytes = file == null ? null : read(file, absolutePath);
            return bytes;
        } catch (IOException e) {
            throw RuntimeFailure.internal(
                    "could not read " + absolutePath + " of the container's layers: " + e.getMessage(), e);
        }
    }

    private static byte[] read(Inode file, String path) throws IOException {
        var bytes = file.read(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw RuntimeFailure.of(
                    Reason.USER_NOT_FOUND,
                    "the container's " + path + " is larger than " + MOST_BYTES
                            + " bytes and is not read; give user and group as numbers");
        }
        return bytes;
    }

    private static RuntimeFailure unsupported(String what) {
        return RuntimeFailure.of(
                Reason.CAPABILITY_MISSING,
                "users cannot be looked up in a snapshot of this kind (" + what + "); give user and group as numbers");
    }
}
