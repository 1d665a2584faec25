package dev.hawse.containerd.oci;

import dev.hawse.sys.Inode;
import java.io.IOException;

/** The extended attributes by which overlayfs notes in an upper layer what the lower ones no longer show. */
enum OverlayMarks {
    TRUSTED("trusted.overlay."),
    /** Of overlays mounted with "userxattr". */
    USER("user.overlay.");

    private final String prefix;

    OverlayMarks(String prefix) {
        this.prefix = prefix;
    }

    /**
     * Whether nothing of lower layers shows through this folder.
     *
     * @throws IOException when the folder's content is elsewhere: a renamed one, with "redirect_dir"
     */
    boolean isOpaque(Inode folder) throws IOException {
        if (folder.attribute(prefix + "redirect") != null) {
            throw new IOException(folder + " was renamed in the container, which is only seen when it is mounted");
        }
        var opaque = folder.attribute(prefix + "opaque");
        return opaque != null && opaque.length == 1 && opaque[0] == 'y';
    }

    /** @throws IOException when the file's content is in a lower layer, with "metacopy" */
    void checkContent(Inode file) throws IOException {
        if (file.attribute(prefix + "metacopy") != null) {
            throw new IOException(file + " has its content in another layer, which is only seen when it is mounted");
        }
    }
}
