package dev.hawse.containerd;

import dev.hawse.containerd.api.services.snapshots.v1.PrepareSnapshotRequest;
import dev.hawse.containerd.api.services.snapshots.v1.RemoveSnapshotRequest;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.containerd.image.ContainerdImages;
import dev.hawse.containerd.oci.EffectiveSpec;
import dev.hawse.containerd.oci.Host;
import dev.hawse.containerd.oci.MountedRootFiles;
import dev.hawse.containerd.oci.OciSpec;
import dev.hawse.containerd.oci.UserResolver;
import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations.Created;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;

/** Makes containers: name, image, root file system, record, in this order; a failure takes back what was made, newest first. */
final class ContainerCreation {

    /** Long enough for the slowest disk; only a crash leaves it to run out. */
    private static final Duration LEASE = Duration.ofMinutes(10);

    private final Engine engine;
    private final ContainerIndex index;
    private final ContainerRecords records;
    private final ContainerdImages images;
    private final Snapshotter snapshotter;
    private final Host host = Host.read();

    ContainerCreation(
            Engine engine,
            ContainerIndex index,
            ContainerRecords records,
            ContainerdImages images,
            Snapshotter snapshotter) {
        this.engine = engine;
        this.index = index;
        this.records = records;
        this.images = images;
        this.snapshotter = snapshotter;
    }

    Created create(ContainerSpec asked) {
        var id = ContainerId.random();
        var runtimes = engine.settings().ociRuntimeNames();
        if (!asked.ociRuntime().isEmpty() && !runtimes.contains(asked.ociRuntime())) {
            throw RuntimeFailure.invalid(
                    "oci_runtime",
                    "must be one of " + runtimes + " (got \"" + Text.printable(asked.ociRuntime()) + "\")");
        }
        BindSources.check(asked, engine.settings().bindPolicy());
        try (var undo = new Undo()) {
            var name = reserveName(asked.name(), id);
            undo.add("free the name " + name, () -> index.release(name, id));
            FailPoint.at("create.named");
            var image = images.resolveForRun(asked.image());
            var effective = EffectiveSpec.merge(
                    asked.toBuilder()
                            .name(name)
                            .ociRuntime(asked.ociRuntime().isEmpty() ? runtimes.getFirst() : asked.ociRuntime())
                            .build(),
                    image.config(),
                    id);
            var warnings = new ArrayList<>(effective.warnings());
            warnings.addAll(OciSpec.warnings(effective.spec(), host));
            var snapshotter = this.snapshotter.get();
            try (var lease = engine.client().lease(LEASE)) {
                FailPoint.at("create.leased");
                var mounts = lease.client()
                        .snapshots()
                        .prepare(PrepareSnapshotRequest.newBuilder()
                                .setSnapshotter(snapshotter)
                                .setKey(id.value())
                                .setParent(image.topChainId())
                                .build())
                        .getMountsList();
                undo.add("remove the snapshot of " + id, () -> removeSnapshot(snapshotter, id));
                FailPoint.at("create.prepared");
                var user = UserResolver.resolve(effective.spec().user(), MountedRootFiles.over(mounts));
                var ociSpec =
                        OciSpec.forContainer(effective, id, engine.settings().namespace(), user, host);
                // Before it is there: an answer that is lost on its way leaves a record all the same.
                undo.add("delete the record of " + id, () -> records.delete(id));
                var entry = index.add(records.create(
                        lease.client(),
                        id,
                        name,
                        image.name(),
                        image.digest(),
                        snapshotter,
                        effective.spec(),
                        ociSpec));
                undo.keep();
                FailPoint.at("create.recorded");
                return new Created(entry.snapshot(), warnings);
            }
        } catch (StatusRuntimeException e) {
            if (ContainerdFailures.is(e, Status.Code.NOT_FOUND)
                    && ContainerdFailures.text(e.getStatus()).contains("parent snapshot")) {
                throw RuntimeFailure.of(
                        Reason.IMAGE_NOT_FOUND,
                        "the image " + asked.image() + " was removed while a container was made of it",
                        Map.of("image", asked.image()),
                        e);
            }
            throw ContainerdFailures.from(
                    e, "create a container", engine.settings().socket());
        }
    }

    private String reserveName(String asked, ContainerId id) {
        if (asked.isEmpty()) {
            return ContainerNames.generate(name -> index.reserveIfFree(name, id));
        }
        index.reserve(asked, id);
        return asked;
    }

    /** Takes a container's root file system away; none there is fine. */
    void removeSnapshot(String snapshotter, ContainerId id) {
        try {
            engine.client()
                    .snapshots()
                    .remove(RemoveSnapshotRequest.newBuilder()
                            .setSnapshotter(snapshotter)
                            .setKey(id.value())
                            .build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                throw ContainerdFailures.from(
                        e,
                        "remove the root file system of " + id.shortForm(),
                        engine.settings().socket());
            }
        }
    }
}
