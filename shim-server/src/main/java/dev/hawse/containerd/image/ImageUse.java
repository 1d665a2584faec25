package dev.hawse.containerd.image;

import dev.hawse.containerd.api.services.containers.v1.Container;
import dev.hawse.containerd.api.services.containers.v1.ListContainersRequest;
import dev.hawse.containerd.api.services.snapshots.v1.StatSnapshotRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Set;

/** Which containers of the namespace use an image. */
final class ImageUse {

    private final ContainerdClient client;

    ImageUse(ContainerdClient client) {
        this.client = client;
    }

    /**
     * Their ids.
     *
     * @param names under which a container may have been made from the image
     * @param topChainId on which a container's snapshot may be; empty to ask only for names
     */
    List<String> by(Set<String> names, String topChainId) {
        return client.containers().list(ListContainersRequest.getDefaultInstance()).getContainersList().stream()
                .filter(c -> names.contains(c.getImage())
                        || (!topChainId.isEmpty() && parent(c).equals(topChainId)))
                .map(Container::getId)
                .sorted()
                .toList();
    }

    private String parent(Container container) {
        if (container.getSnapshotKey().isEmpty()) {
            return "";
        }
        try {
            return client.snapshots()
                    .stat(StatSnapshotRequest.newBuilder()
                            .setSnapshotter(container.getSnapshotter())
                            .setKey(container.getSnapshotKey())
                            .build())
                    .getInfo()
                    .getParent();
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)
                    || ContainerdFailures.is(e, Status.Code.INVALID_ARGUMENT)) {
                // Without snapshot, or of a snapshotter that is no longer there.
                return "";
            }
            throw e;
        }
    }
}
