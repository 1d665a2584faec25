package dev.hawse.client;

import java.util.List;
import java.util.Set;

/**
 * Which events to watch. Immutable.
 *
 * @param types any of these; empty for all
 * @param containerIds only of these containers, by whole id; empty for all, and images too
 */
public record EventFilter(Set<EventType> types, List<String> containerIds) {

    /** Everything that happens. */
    public static final EventFilter ALL = new EventFilter(Set.of(), List.of());

    public EventFilter {
        types = Set.copyOf(types);
        containerIds = List.copyOf(containerIds);
    }

    public static EventFilter types(EventType... types) {
        return new EventFilter(Set.of(types), List.of());
    }

    public static EventFilter containers(String... ids) {
        return new EventFilter(Set.of(), List.of(ids));
    }
}
