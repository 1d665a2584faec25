package dev.hawse.testing;

import dev.hawse.containerd.api.services.containers.v1.ListContainersRequest;
import dev.hawse.containerd.api.services.content.v1.ListContentRequest;
import dev.hawse.containerd.api.services.content.v1.ListStatusesRequest;
import dev.hawse.containerd.api.services.images.v1.ListImagesRequest;
import dev.hawse.containerd.api.services.leases.v1.CreateRequest;
import dev.hawse.containerd.api.services.leases.v1.DeleteRequest;
import dev.hawse.containerd.api.services.leases.v1.ListRequest;
import dev.hawse.containerd.api.services.snapshots.v1.ListSnapshotsRequest;
import dev.hawse.containerd.api.services.tasks.v1.ListTasksRequest;
import dev.hawse.containerd.client.ContainerdClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Everything that is in one namespace of containerd, each thing as a line of text. */
record Census(Set<String> things) {

    static final List<String> SNAPSHOTTERS = List.of("overlayfs", "native");

    /** After a garbage collection: what nothing refers to is not counted. */
    static Census take(ContainerdClient client) {
        collectGarbage(client);
        var things = new TreeSet<String>();
        client.containers().list(ListContainersRequest.getDefaultInstance()).getContainersList().stream()
                .map(c -> "container " + c.getId())
                .forEach(things::add);
        client.tasks(ContainerdClient.SLOW).list(ListTasksRequest.getDefaultInstance()).getTasksList().stream()
                .map(t -> "task " + t.getId())
                .forEach(things::add);
        client.images().list(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                .map(i -> "image " + i.getName() + " " + i.getTarget().getDigest())
                .forEach(things::add);
        client.leases().list(ListRequest.getDefaultInstance()).getLeasesList().stream()
                .map(l -> "lease " + l.getId())
                .forEach(things::add);
        client.content().listStatuses(ListStatusesRequest.getDefaultInstance()).getStatusesList().stream()
                .map(s -> "ingest " + s.getRef())
                .forEach(things::add);
        client.content()
                .list(ListContentRequest.getDefaultInstance())
                .forEachRemaining(
                        page -> page.getInfoList().forEach(content -> things.add("content " + content.getDigest())));
        SNAPSHOTTERS.forEach(s -> things.addAll(snapshots(client, s)));
        return new Census(things);
    }

    private static List<String> snapshots(ContainerdClient client, String snapshotter) {
        var found = new ArrayList<String>();
        client.snapshots()
                .list(ListSnapshotsRequest.newBuilder()
                        .setSnapshotter(snapshotter)
                        .build())
                .forEachRemaining(page -> page.getInfoList()
                        .forEach(info -> found.add("snapshot of " + snapshotter + " " + info.getName())));
        return found;
    }

    /** Done by containerd before it answers to the deletion of a lease that asks for it. */
    static void collectGarbage(ContainerdClient client) {
        var lease = client.leases().create(CreateRequest.newBuilder().build()).getLease();
        client.leases()
                .delete(DeleteRequest.newBuilder()
                        .setId(lease.getId())
                        .setSync(true)
                        .build());
    }

    /** What is here and not there. */
    Set<String> without(Census other) {
        var rest = new TreeSet<>(things);
        rest.removeAll(other.things);
        return rest;
    }
}
