package dev.hawse.client;

import java.util.List;

/**
 * What a removal took away.
 *
 * @param untagged the names that are gone
 * @param deleted the digests to which no name is left
 */
public record RemovedImage(List<String> untagged, List<String> deleted) {

    public RemovedImage {
        untagged = List.copyOf(untagged);
        deleted = List.copyOf(deleted);
    }
}
