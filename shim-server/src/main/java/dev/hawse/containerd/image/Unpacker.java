package dev.hawse.containerd.image;

import dev.hawse.containerd.api.services.diff.v1.ApplyRequest;
import dev.hawse.containerd.api.services.snapshots.v1.CommitSnapshotRequest;
import dev.hawse.containerd.api.services.snapshots.v1.PrepareSnapshotRequest;
import dev.hawse.containerd.api.services.snapshots.v1.RemoveSnapshotRequest;
import dev.hawse.containerd.api.services.snapshots.v1.StatSnapshotRequest;
import dev.hawse.containerd.api.types.Mount;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.containerd.client.Lease;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the snapshots of an image out of its layers, the lowest first, under a lease. For one thread. */
final class Unpacker {

    /** Told before each layer, and after the last with all of them done. */
    interface Progress {
        void unpacking(String layerDigest, int done, int all);
    }

    /** A layer of gigabytes on a slow disk. */
    private static final Duration APPLY = Duration.ofMinutes(30);

    private static final String SNAPSHOT_REF = "containerd.io/snapshot.ref";
    private static final Logger log = LoggerFactory.getLogger(Unpacker.class);

    private final Lease lease;
    private final ContainerdClient client;
    private final String snapshotter;

    Unpacker(Lease lease, String snapshotter) {
        this.lease = lease;
        this.client = lease.client();
        this.snapshotter = snapshotter;
    }

    /** Afterwards all snapshots are there, protected by the lease. Those that were there before are not made again. */
    void unpack(ResolvedImage image, Progress progress) {
        try {
            unpackOnce(image, progress);
        } catch (StatusRuntimeException e) {
            // The parent was collected after it was seen (containerd/containerd#10764).
            if (!ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                throw e;
            }
            unpackOnce(image, progress);
        }
    }

    private void unpackOnce(ResolvedImage image, Progress progress) {
        var layers = image.layers();
        var chain = image.chainIds();
        for (var i = 0; i < layers.size(); i++) {
            progress.unpacking(layers.get(i).digest(), i, layers.size());
            // From the lowest one also when the top is there: each is held by the lease.
            if (!isThere(chain.get(i))) {
                apply(layers.get(i), i == 0 ? "" : chain.get(i - 1), chain.get(i));
            }
        }
        if (!layers.isEmpty()) {
            progress.unpacking(layers.getLast().digest(), layers.size(), layers.size());
        }
    }

    private boolean isThere(String chainId) {
        lease.hold("snapshots/" + snapshotter, chainId);
        return exists(client, snapshotter, chainId);
    }

    static boolean exists(ContainerdClient client, String snapshotter, String key) {
        try {
            client.snapshots()
                    .stat(StatSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(key)
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                return false;
            }
            throw e;
        }
    }

    private void apply(LayerDescriptor layer, String parent, String chainId) {
        // The form of the key is that of containerd's own clients, which clean up after each other by it.
        var key = "extract-" + System.nanoTime() + "-"
                + UUID.randomUUID().toString().substring(0, 4) + " " + chainId;
        try {
            var mounts = prepare(key, parent, chainId);
            if (mounts.isEmpty() && exists(client, snapshotter, chainId)) {
                return;
            }
            applyTo(mounts, layer);
            commit(key, chainId);
        } catch (StatusRuntimeException | RuntimeFailure e) {
            ContainerdClient.despiteCancellation(() -> remove(key));
            throw e;
        }
    }

    /** No mounts when a remote snapshotter made the snapshot by itself. */
    private List<Mount> prepare(String key, String parent, String chainId) {
        try {
            return client.snapshots()
                    .prepare(PrepareSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(key)
                            .setParent(parent)
                            .putLabels(SNAPSHOT_REF, chainId)
                            .build())
                    .getMountsList();
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.ALREADY_EXISTS)) {
                return List.of();
            }
            throw e;
        }
    }

    private void applyTo(List<Mount> mounts, LayerDescriptor layer) {
        String applied;
        try {
            applied = client.diff(APPLY)
                    .apply(ApplyRequest.newBuilder()
                            .setDiff(Descriptor.of(layer.mediaType(), layer.digest(), layer.size())
                                    .toApi())
                            .addAllMounts(mounts)
                            .build())
                    .getApplied()
                    .getDigest();
        } catch (StatusRuntimeException e) {
            throw unapplied(layer, e);
        }
        if (!applied.equals(layer.diffId())) {
            throw RuntimeFailure.of(
                    Reason.DIGEST_MISMATCH,
                    "layer " + layer.digest() + " must unpack to " + layer.diffId() + " (got " + applied + ")",
                    Map.of("image", layer.digest()));
        }
        new Content(client).label(layer.digest(), Map.of("containerd.io/uncompressed", applied));
    }

    /** What is wrong with a layer's bytes comes as UNKNOWN with a text; what is wrong with the daemon has a code. */
    private static RuntimeException unapplied(LayerDescriptor layer, StatusRuntimeException e) {
        var status = e.getStatus();
        var text = ContainerdFailures.text(status);
        if (status.getCode() != Status.Code.UNKNOWN) {
            return e;
        }
        return text.contains("no space left")
                ? RuntimeFailure.of(
                        Reason.LIMIT_REACHED, "no space is left to unpack layer " + layer.digest(), Map.of(), e)
                : Documents.invalid("layer " + layer.digest() + " cannot be unpacked: " + text);
    }

    private void commit(String key, String chainId) {
        try {
            client.snapshots()
                    .commit(CommitSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setName(chainId)
                            .setKey(key)
                            .putLabels(SNAPSHOT_REF, chainId)
                            .build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.ALREADY_EXISTS)) {
                throw e;
            }
            remove(key);
        }
    }

    private void remove(String key) {
        try {
            client.snapshots()
                    .remove(RemoveSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(key)
                            .build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                log.warn("snapshot {} could not be removed and goes with its lease: {}", key, e.getStatus());
            }
        }
    }
}
