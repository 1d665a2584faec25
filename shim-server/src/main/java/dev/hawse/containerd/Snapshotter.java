package dev.hawse.containerd;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.image.SnapshotterChoice;
import java.util.function.Supplier;

/** Where root file systems come from: as configured, or chosen once when it is first needed and containerd answers. */
final class Snapshotter implements Supplier<String> {

    /** What the configuration says for "choose one". */
    static final String AUTO = "auto";

    private final ContainerdClient client;
    private volatile String name;

    Snapshotter(ContainerdClient client, String configured) {
        this.client = client;
        this.name = configured;
    }

    @Override
    public String get() {
        if (name.equals(AUTO)) {
            name = SnapshotterChoice.choose(client);
        }
        return name;
    }

    /** What is known without asking: a name, or "auto". */
    String known() {
        return name;
    }
}
