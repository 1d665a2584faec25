package dev.hawse.client;

import org.jspecify.annotations.Nullable;

/** Something mounted into a container. Immutable. */
public sealed interface Mount {

    /** Where in the container: absolute, and neither "/" nor in /proc or /sys. */
    String target();

    /** A file or folder of the server's host, writable in the container. */
    static Mount bind(String source, String target) {
        return new Bind(source, target, false);
    }

    /** A file or folder of the server's host that the container cannot change. */
    static Mount bindReadOnly(String source, String target) {
        return new Bind(source, target, true);
    }

    /** Memory of at most half of the host's. */
    static Mount tmpfs(String target) {
        return new Tmpfs(target, null, null);
    }

    /**
     * A file or folder of the server's host.
     *
     * @param source absolute, without ".."; it must exist
     */
    record Bind(String source, String target, boolean readOnly) implements Mount {}

    /**
     * Memory, empty at the start and gone at the end.
     *
     * @param sizeBytes null for half of the host's memory
     * @param mode permission bits; null for 01777
     */
    record Tmpfs(
            String target,
            @Nullable Long sizeBytes,
            @Nullable Integer mode) implements Mount {}
}
