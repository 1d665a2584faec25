package dev.hawse.containerd.oci;

import org.jspecify.annotations.Nullable;

/** The files of a container's root file system. */
public interface RootFiles {

    /** The most that a file read this way may have. */
    int MOST_BYTES = 1 << 20;

    /**
     * A file's bytes. Links lead to where they lead in the container, never out of it.
     *
     * @return null when there is no such file
     * @throws dev.hawse.runtime.RuntimeFailure when it is larger than {@link #MOST_BYTES}, or cannot be read
     */
    byte @Nullable [] read(String absolutePath);
}
