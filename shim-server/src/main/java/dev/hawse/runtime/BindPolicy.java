package dev.hawse.runtime;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which files and folders of the host containers may have. Links are followed before anything is judged, so a name says
 * nothing: what it stands for counts. Immutable.
 *
 * <p>A folder is protected with all that lies in it, and with all that it lies in: who has /var has /var/lib/hawse. What
 * is a root by its own name, or lies in a root that itself lies in a protected folder, is allowed all the same: somebody
 * wrote it down.
 */
public final class BindPolicy {

    private static final List<Path> HOST = List.of(Path.of("/"));

    private final List<Path> roots;
    private final List<Path> protectedTrees;
    private final List<Path> protectedFolders;

    /**
     * A policy.
     *
     * @param roots where sources may lie; none: anywhere that is not protected
     * @param protectedTrees with all that lies in them
     * @param protectedFolders only as a whole: what lies in them is not protected
     */
    public BindPolicy(List<Path> roots, List<Path> protectedTrees, List<Path> protectedFolders) {
        this.roots = real(roots);
        this.protectedTrees = real(protectedTrees);
        this.protectedFolders = real(protectedFolders);
    }

    /** Everything is allowed. */
    public static BindPolicy everything() {
        return new BindPolicy(HOST, List.of(), List.of());
    }

    /**
     * Looks at what a source stands for now; it may be made to stand for something else before it is mounted.
     *
     * @param field for the failure
     * @throws RuntimeFailure when it is not there or not allowed
     */
    public void check(String field, String source) {
        var named = Path.of(source).normalize();
        // Before anything is touched: a name below /proc can stand for anything, also while it is looked at.
        if (deepest(protectedTrees, named) >= 0 && !allows(named)) {
            throw denied(field, source, named);
        }
        Path real;
        try {
            real = Path.of(source).toRealPath();
        } catch (NoSuchFileException e) {
            throw RuntimeFailure.invalid(
                    field, "does not exist on this host (got \"" + Text.printable(source) + "\"), give one that does");
        } catch (IOException e) {
            throw RuntimeFailure.invalid(
                    field,
                    "cannot be looked at (got \"" + Text.printable(source) + "\"), give a file or folder of this host");
        }
        if (!allows(real)) {
            throw denied(field, source, real);
        }
    }

    /** The failure of a source that stands for something that is not allowed. */
    public RuntimeFailure denied(String field, String source, Path real) {
        var got = "\"" + Text.printable(source) + "\""
                + (real.toString().equals(source) ? "" : ", which is \"" + Text.printable(real.toString()) + "\"");
        var allowed = roots.isEmpty()
                ? "anything else of this host is allowed, and what policy.bind-roots names"
                : "what lies in one of policy.bind-roots is allowed: " + roots;
        var what = isProtected(real) ? "is protected on this host" : "lies in none of the folders that may be mounted";
        return RuntimeFailure.denied(field, what + " (got " + got + "), " + allowed);
    }

    /** Whether this may be mounted; a path without links. */
    public boolean allows(Path real) {
        if (roots.contains(real)) {
            return true;
        }
        var root = deepest(roots.isEmpty() ? HOST : roots, real);
        if (root < 0 || protectedFolders.contains(real)) {
            return false;
        }
        var guarded = deepest(protectedTrees, real);
        return guarded >= 0
                ? root >= guarded && !roots.isEmpty()
                : protectedTrees.stream().noneMatch(tree -> tree.startsWith(real))
                        && protectedFolders.stream().noneMatch(folder -> folder.startsWith(real));
    }

    private boolean isProtected(Path real) {
        return !new BindPolicy(List.of(), protectedTrees, protectedFolders).allows(real);
    }

    /** How many names the longest of these has that the path lies in; -1 for none. */
    private static int deepest(List<Path> folders, Path path) {
        return folders.stream()
                .filter(path::startsWith)
                .mapToInt(Path::getNameCount)
                .max()
                .orElse(-1);
    }

    /** Both names of what is a link: the link may be made to point elsewhere later. */
    private static List<Path> real(List<Path> paths) {
        var out = new ArrayList<Path>();
        for (var path : paths) {
            out.add(path);
            try {
                out.add(path.toRealPath());
            } catch (IOException notThere) {
                out.add(nearest(path));
            }
        }
        return out.stream().distinct().toList();
    }

    /** What is not there yet will be made below the nearest folder that is. */
    private static Path nearest(Path missing) {
        var parent = missing.getParent();
        if (parent == null) {
            return missing;
        }
        try {
            return parent.toRealPath().resolve(String.valueOf(missing.getFileName()));
        } catch (IOException notThere) {
            return nearest(parent).resolve(String.valueOf(missing.getFileName()));
        }
    }
}
