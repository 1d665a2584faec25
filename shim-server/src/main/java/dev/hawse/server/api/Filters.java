package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.ContainerFilter;
import dev.hawse.api.runtime.v1.ImageFilter;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What lists are asked to hold. Pure functions; a filter that means nothing is refused when it is read. */
final class Filters {

    /** Stands for "*" while a pattern is completed to a whole name: legal wherever a letter is. */
    private static final String ANY = "0hawse0any0";

    private Filters() {}

    static Predicate<Container> containers(ContainerFilter filter) {
        Predicate<Container> all = c -> true;
        if (filter.getStatesCount() > 0) {
            var states = EnumSet.noneOf(ContainerState.class);
            for (int i = 0; i < filter.getStatesCount(); i++) {
                states.add(ContainerMapper.state("filter.states[" + i + "]", filter.getStates(i)));
            }
            all = all.and(c -> states.contains(c.state()));
        }
        if (filter.getContainersCount() > 0) {
            var names = List.copyOf(filter.getContainersList());
            if (names.contains("")) {
                throw RuntimeFailure.invalid(
                        "filter.containers[" + names.indexOf("") + "]", "must not be empty: every id begins so");
            }
            all = all.and(c -> names.stream()
                    .anyMatch(n -> c.id().value().startsWith(n) || c.name().equals(n)));
        }
        if (filter.getImagesCount() > 0) {
            var images = IntStream.range(0, filter.getImagesCount())
                    .mapToObj(i -> image("filter.images[" + i + "]", filter.getImages(i)))
                    .toList();
            all = all.and(c -> images.stream().anyMatch(i -> i.test(c)));
        }
        var labels = Map.copyOf(filter.getLabelsMap());
        return all.and(c -> hasLabels(c.labels(), labels)).and(c -> c.name().contains(filter.getNameContains()));
    }

    private static Predicate<Container> image(String field, String text) {
        if (ImageReference.isDigestOrPrefix(text)) {
            var digest = text.startsWith("sha256:") ? text : "sha256:" + text;
            Predicate<Container> byDigest = c -> c.imageDigest().startsWith(digest);
            return text.startsWith("sha256:") ? byDigest : byDigest.or(image(ImageReference.parse(field, text)));
        }
        return image(ImageReference.parse(field, text));
    }

    private static Predicate<Container> image(ImageReference name) {
        var whole = name.wholeName();
        return c -> c.image().equals(whole);
    }

    static Predicate<Image> images(ImageFilter filter) {
        var patterns = IntStream.range(0, filter.getNamesCount())
                .mapToObj(i -> pattern("filter.names[" + i + "]", filter.getNames(i)))
                .toList();
        var labels = Map.copyOf(filter.getLabelsMap());
        Predicate<Image> named = i -> patterns.isEmpty()
                || patterns.stream().anyMatch(p -> p.matcher(i.name()).matches());
        return named.and(i -> hasLabels(i.config().labels(), labels));
    }

    private static Pattern pattern(String field, String text) {
        var whole = ImageReference.parse(field, text.replace("*", ANY)).wholeName();
        return Pattern.compile(Pattern.quote(whole).replace(ANY, "\\E[^/]*\\Q"));
    }

    /** Those of the engines that a filter lets through. */
    static List<ContainerRuntime> runtimes(
            List<ContainerRuntime> all, List<dev.hawse.api.runtime.v1.RuntimeKind> asked) {
        var kinds = EnumSet.noneOf(RuntimeKind.class);
        for (int i = 0; i < asked.size(); i++) {
            var field = "filter.runtimes[" + i + "]";
            var kind = RuntimeMapper.kind(field, asked.get(i));
            if (kind == null) {
                throw RuntimeMapper.unknown(field, "CONTAINERD, DOCKER");
            }
            kinds.add(kind);
        }
        return all.stream()
                .filter(r -> kinds.isEmpty() || kinds.contains(r.kind()))
                .collect(Collectors.toUnmodifiableList());
    }

    private static boolean hasLabels(Map<String, String> labels, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(w -> {
            var value = labels.get(w.getKey());
            return value != null && (w.getValue().isEmpty() || value.equals(w.getValue()));
        });
    }
}
