package dev.hawse.containerd.image;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.Lease;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageOperations.LoadListener;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Loads one archive. What does not come to its end leaves no name, no snapshot under way and no ingest. For one thread. */
final class ImageLoad {

    private final Lease lease;
    private final Unpacker unpacker;
    private final String snapshotter;
    private final Platform host;
    private final LoadLimits limits;
    private final LoadListener listener;

    /** How long containerd keeps what a load brought if this server dies during it. */
    static final Duration LEASE = Duration.ofHours(24);

    ImageLoad(Lease lease, String snapshotter, Platform host, LoadLimits limits, LoadListener listener) {
        this.lease = lease;
        this.unpacker = new Unpacker(lease, snapshotter);
        this.snapshotter = snapshotter;
        this.host = host;
        this.limits = limits;
        this.listener = listener;
    }

    List<Image> run(InputStream archive, BaseName base) throws IOException {
        var sink = new LeasedContent(lease);
        var content = new Content(lease.client());
        var files = new ArchiveReader(sink, limits).read(archive, listener::reading);
        var planned = ArchivePlan.of(files, content, sink, host, base);
        for (var plan : planned) {
            GcLabels.connect(content, plan.image());
            unpacker.unpack(
                    plan.image(),
                    (layer, done, all) -> listener.unpacking(plan.names().getFirst(), layer, done, all));
            GcLabels.unpacked(content, plan.image(), snapshotter);
        }
        return name(planned);
    }

    /** Last of all: a name makes an image visible, and is what keeps it once the lease is gone. */
    private List<Image> name(List<PlannedImage> planned) {
        var names = new Names(lease.client());
        var loaded = new ArrayList<Image>();
        for (var plan : planned) {
            for (var name : plan.names()) {
                var stored = names.put(name, plan.image().target());
                var image = plan.image().named(name, ContainerdClient.instant(stored.getUpdatedAt()));
                loaded.add(image);
                listener.loaded(image);
            }
        }
        return loaded;
    }
}
