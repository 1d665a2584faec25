package dev.hawse.testing;

import dev.hawse.containerd.client.ContainerdClient;
import java.util.Set;

/** What is in one namespace of containerd, for tests of other packages. */
public final class NamespaceCensus {

    private NamespaceCensus() {}

    /** After a garbage collection, as lines like "snapshot of overlayfs KEY". */
    public static Set<String> take(ContainerdClient client) {
        return Census.take(client).things();
    }
}
