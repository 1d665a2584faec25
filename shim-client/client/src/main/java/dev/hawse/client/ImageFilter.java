package dev.hawse.client;

import java.util.List;
import java.util.Map;

/**
 * Which images to list: those for which every condition that is set holds. Immutable.
 *
 * @param names any of these, completed as usual, in which "*" stands for any characters but "/"
 * @param labels all of these, of the image's own; an empty value asks only that the key is there
 * @param runtimes any of these
 */
public record ImageFilter(List<String> names, Map<String, String> labels, List<RuntimeKind> runtimes) {

    /** Every image. */
    public static final ImageFilter ALL = new ImageFilter(List.of(), Map.of(), List.of());

    public ImageFilter {
        names = List.copyOf(names);
        labels = Map.copyOf(labels);
        runtimes = List.copyOf(runtimes);
    }

    /** Images with one of these names. */
    public static ImageFilter names(String... names) {
        return new ImageFilter(List.of(names), Map.of(), List.of());
    }
}
