package dev.hawse.containerd.image;

import dev.hawse.runtime.Text;
import java.util.ArrayDeque;

/** Paths within an archive, which never lead out of it. */
final class ArchivePath {

    private ArchivePath() {}

    /**
     * In its shortest form.
     *
     * @param directory to which it is relative; empty for the archive's root
     * @throws RuntimeException when it leads out
     */
    static String of(String directory, String name) {
        var parts = new ArrayDeque<String>();
        if (name.startsWith("/") || name.indexOf('\0') >= 0) {
            throw outside(name);
        }
        for (var part : (directory + "/" + name).split("/", -1)) {
            switch (part) {
                case "", "." -> {}
                case ".." -> {
                    // What a link leads to is relative to its directory; a file's own name has no business going up.
                    if (directory.isEmpty() || parts.pollLast() == null) {
                        throw outside(name);
                    }
                }
                default -> parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    private static RuntimeException outside(String name) {
        return Documents.invalid("archive: the path \"" + Text.printable(name) + "\" leads out of it");
    }
}
