package dev.hawse.runtime;

import org.jspecify.annotations.Nullable;

/** Something mounted into a container at an absolute path. */
public sealed interface Mount {

    String target();

    /** A file or folder of the host, which must exist. */
    record Bind(String target, String source, boolean readOnly) implements Mount {}

    /**
     * Memory.
     *
     * @param sizeBytes null for half of the host's memory
     * @param mode permission bits; null for 1777
     */
    record Tmpfs(
            String target,
            @Nullable Long sizeBytes,
            @Nullable Integer mode) implements Mount {}
}
