package dev.hawse.containerd.image;

import java.util.List;

/**
 * An image of an archive, whole and for this machine.
 *
 * @param names whole, at least one
 */
record PlannedImage(List<String> names, ResolvedImage image) {
    PlannedImage {
        names = List.copyOf(names);
    }
}
