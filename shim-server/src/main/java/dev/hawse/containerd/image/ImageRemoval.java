package dev.hawse.containerd.image;

import dev.hawse.containerd.api.services.images.v1.Image;
import dev.hawse.runtime.ImageOperations.Removed;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes names of images away. The content goes with containerd's next collection, unless something else refers to it. */
final class ImageRemoval {

    private static final int MOST_SHOWN = 5;

    private final Names names;
    private final ImageLookup lookup;
    private final ImageUse use;

    ImageRemoval(Names names, ImageLookup lookup, ImageUse use) {
        this.names = names;
        this.lookup = lookup;
        this.use = use;
    }

    Removed remove(String text, boolean force) {
        var images = lookup.find(text);
        if (!force) {
            refuseIfUsed(images);
        }
        var untagged = new ArrayList<String>();
        for (var image : images) {
            if (names.delete(image.getName())) {
                untagged.add(image.getName());
            }
        }
        var left = targets(names.all());
        var gone = targets(images);
        gone.removeAll(left);
        return new Removed(untagged, List.copyOf(gone));
    }

    private void refuseIfUsed(List<Image> images) {
        var going = images.stream().map(Image::getName).collect(Collectors.toSet());
        var staying = targets(names.all().stream()
                .filter(other -> !going.contains(other.getName()))
                .toList());
        for (var image : images) {
            // While another name keeps the image, only a container that knows it by this one loses something.
            var chain = staying.contains(image.getTarget().getDigest())
                    ? ""
                    : lookup.readable(image).map(ResolvedImage::topChainId).orElse("");
            var containers = use.by(Set.of(image.getName()), chain);
            if (!containers.isEmpty()) {
                throw used(image.getName(), containers);
            }
        }
    }

    private static Set<String> targets(List<Image> images) {
        return images.stream()
                .map(i -> i.getTarget().getDigest())
                .collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    private static RuntimeFailure used(String name, List<String> containers) {
        var shown = containers.stream()
                .limit(MOST_SHOWN)
                .map(id -> id.length() > 12 ? id.substring(0, 12) : id)
                .collect(Collectors.joining(", "));
        return RuntimeFailure.of(
                Reason.IMAGE_IN_USE,
                "image " + name + " is used by " + (containers.size() == 1 ? "container " : "containers ") + shown
                        + (containers.size() > MOST_SHOWN ? " and " + (containers.size() - MOST_SHOWN) + " more" : "")
                        + "; remove what uses it first, or force the removal",
                Map.of(
                        "image",
                        name,
                        "containers",
                        String.join(",", containers.subList(0, Math.min(MOST_SHOWN, containers.size())))));
    }
}
