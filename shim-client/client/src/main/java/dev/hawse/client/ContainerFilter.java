package dev.hawse.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which containers to list: those for which every condition that is set holds. Immutable.
 *
 * @param states any of these; empty for all
 * @param containers any of these ids, id prefixes or names; empty for all
 * @param labels all of these; an empty value asks only that the key is there
 * @param images any of these names or digests, completed as Docker does
 * @param runtimes any of these
 * @param nameContains those whose name contains this; empty for all
 */
public record ContainerFilter(
        List<ContainerState> states,
        List<String> containers,
        Map<String, String> labels,
        List<String> images,
        List<RuntimeKind> runtimes,
        String nameContains) {

    /** Every container, whatever its state. */
    public static final ContainerFilter ALL = builder().build();

    /** The containers that run, paused ones included. */
    public static final ContainerFilter ALIVE =
            builder().state(ContainerState.RUNNING).state(ContainerState.PAUSED).build();

    public ContainerFilter {
        states = List.copyOf(states);
        containers = List.copyOf(containers);
        labels = Map.copyOf(labels);
        images = List.copyOf(images);
        runtimes = List.copyOf(runtimes);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects conditions. Not safe for use by several threads. */
    public static final class Builder {
        private final List<ContainerState> states = new ArrayList<>();
        private final List<String> containers = new ArrayList<>();
        private final Map<String, String> labels = new LinkedHashMap<>();
        private final List<String> images = new ArrayList<>();
        private final List<RuntimeKind> runtimes = new ArrayList<>();
        private String nameContains = "";

        private Builder() {}

        public Builder state(ContainerState v) {
            states.add(v);
            return this;
        }

        public Builder container(String idOrName) {
            containers.add(idOrName);
            return this;
        }

        public Builder label(String key, String value) {
            labels.put(key, value);
            return this;
        }

        public Builder image(String v) {
            images.add(v);
            return this;
        }

        public Builder runtime(RuntimeKind v) {
            runtimes.add(v);
            return this;
        }

        public Builder nameContains(String v) {
            nameContains = v;
            return this;
        }

        public ContainerFilter build() {
            return new ContainerFilter(states, containers, labels, images, runtimes, nameContains);
        }
    }
}
