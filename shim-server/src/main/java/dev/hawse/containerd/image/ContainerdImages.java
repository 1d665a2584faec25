package dev.hawse.containerd.image;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageOperations;
import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The images of one namespace of containerd, with their snapshots in one snapshotter. Safe for any number of threads; each
 * call works in its caller's thread. Whatever is interrupted, or ends in an error, leaves nothing behind but what
 * containerd collects by itself.
 */
public final class ContainerdImages implements ImageOperations {

    private static final Duration SAVE_LEASE = Duration.ofHours(24);
    private static final Duration UNPACK_LEASE = Duration.ofHours(1);

    private final ContainerdClient client;
    private final Supplier<String> snapshotter;
    private final Platform host;
    private final LoadLimits limits;
    private final Content content;
    private final Names names;
    private final ImageTree tree;
    private final ImageLookup lookup;

    /**
     * Does not ask containerd anything yet.
     *
     * @param snapshotter where layers are unpacked to; asked for whenever that is needed
     */
    public ContainerdImages(ContainerdClient client, Supplier<String> snapshotter) {
        this(client, snapshotter, Platform.host(), LoadLimits.DEFAULT);
    }

    ContainerdImages(ContainerdClient client, Supplier<String> snapshotter, Platform host, LoadLimits limits) {
        this.client = client;
        this.snapshotter = snapshotter;
        this.host = host;
        this.limits = limits;
        this.names = new Names(client);
        this.content = new Content(client);
        this.tree = new ImageTree(content, new DocumentCache(), host);
        this.lookup = new ImageLookup(names, tree);
    }

    @Override
    public List<Image> load(InputStream archive, String baseName, LoadListener listener) throws IOException {
        var base = new BaseName(baseName);
        try (var lease = client.lease(ImageLoad.LEASE)) {
            return new ImageLoad(lease, snapshotter.get(), host, limits, listener).run(archive, base);
        } catch (StatusRuntimeException e) {
            throw orInterrupted(e, "load the archive");
        }
    }

    @Override
    public void save(List<String> images, OutputStream archive) throws IOException {
        if (images.isEmpty()) {
            throw RuntimeFailure.invalid("images", "must have at least one");
        }
        try (var lease = client.lease(SAVE_LEASE)) {
            var save = new ImageSave(new Content(lease.client()), tree);
            for (var image : images) {
                for (var stored : lookup.find(image)) {
                    // Its content must not go while it is read.
                    lease.hold("content", stored.getTarget().getDigest());
                    save.add(stored);
                }
            }
            save.write(archive);
        } catch (StatusRuntimeException e) {
            throw orInterrupted(e, "save the images");
        }
    }

    @Override
    public List<Image> list() {
        return call(
                "list the images",
                () -> names.all().stream()
                        .flatMap(stored -> lookup.readable(stored).map(i -> image(stored, i)).stream())
                        .toList());
    }

    @Override
    public Image get(String image) {
        return call("read the image " + Text.printable(image), () -> {
            var stored = find(image);
            return image(stored, tree.readable("image " + stored.getName(), Descriptor.of(stored.getTarget())));
        });
    }

    @Override
    public Removed remove(String image, boolean force) {
        return call(
                "remove the image " + Text.printable(image),
                () -> new ImageRemoval(names, lookup, new ImageUse(client)).remove(image, force));
    }

    @Override
    public Image tag(String image, String name) {
        var reference = ImageReference.parse("name", name);
        if (reference.digest() != null) {
            throw RuntimeFailure.invalid("name", "must have no digest (got \"" + Text.printable(name) + "\")");
        }
        return call("tag the image " + Text.printable(image), () -> {
            var target = Descriptor.of(find(image).getTarget());
            var resolved = tree.readable("image " + Text.printable(image), target);
            return image(names.put(reference.wholeName(), target), resolved);
        });
    }

    /**
     * Finds the image and makes sure that its snapshots are there, which takes time only when another program loaded it or
     * another snapshotter.get() was used before.
     *
     * @throws RuntimeFailure when there is no such image, its content is not here, or it is for other platforms
     */
    public UnpackedImage resolveForRun(String image) {
        return call("unpack the image " + Text.printable(image), () -> {
            var stored = find(image);
            var resolved = tree.runnable("image " + stored.getName(), Descriptor.of(stored.getTarget()));
            if (!resolved.topChainId().isEmpty()
                    && !Unpacker.exists(client, snapshotter.get(), resolved.topChainId())) {
                unpack(resolved);
            }
            return new UnpackedImage(
                    stored.getName(),
                    resolved.target().digest(),
                    resolved.config().image(),
                    resolved.topChainId(),
                    resolved.layers());
        });
    }

    /** Other programs may take content away and leave the name. */
    private dev.hawse.containerd.api.services.images.v1.Image find(String image) {
        var stored = lookup.find(image).getFirst();
        if (!content.has(stored.getTarget().getDigest())) {
            throw RuntimeFailure.of(
                    Reason.IMAGE_NOT_FOUND,
                    "image " + stored.getName() + " has a name but no content here; load it again",
                    Map.of("image", stored.getName()));
        }
        return stored;
    }

    private void unpack(ResolvedImage image) {
        try (var lease = client.lease(UNPACK_LEASE)) {
            lease.hold("content", image.target().digest());
            new Unpacker(lease, snapshotter.get()).unpack(image, (_, _, _) -> {});
            GcLabels.unpacked(new Content(lease.client()), image, snapshotter.get());
        }
    }

    private static Image image(dev.hawse.containerd.api.services.images.v1.Image stored, ResolvedImage image) {
        return image.named(stored.getName(), ContainerdClient.instant(stored.getUpdatedAt()));
    }

    private <T> T call(String what, Supplier<T> calls) {
        try {
            return calls.get();
        } catch (StatusRuntimeException e) {
            throw ContainerdFailures.from(e, what, client.socket());
        }
    }

    /** An interrupt shows as a call that was cancelled. */
    private RuntimeFailure orInterrupted(StatusRuntimeException e, String what) throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            var interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
        return ContainerdFailures.from(e, what, client.socket());
    }
}
