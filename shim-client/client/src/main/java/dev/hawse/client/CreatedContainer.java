package dev.hawse.client;

import java.util.List;

/**
 * A container that was just made.
 *
 * @param warnings what was done differently from what one might expect, as sentences
 */
public record CreatedContainer(Container container, List<String> warnings) {

    public CreatedContainer {
        warnings = List.copyOf(warnings);
    }

    /** The container's id. */
    public String id() {
        return container.id();
    }
}
