package dev.hawse.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import dev.hawse.containerd.api.runc.v1.Options;
import dev.hawse.containerd.api.services.containers.v1.Container;
import dev.hawse.containerd.api.services.containers.v1.CreateContainerRequest;
import dev.hawse.containerd.api.services.containers.v1.DeleteContainerRequest;
import dev.hawse.containerd.api.services.containers.v1.ListContainersRequest;
import dev.hawse.containerd.api.services.containers.v1.UpdateContainerRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.containerd.oci.OciProcess;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers as containerd's records keep them: the truth that outlives this server. Ours carry labels below
 * {@code hawse.dev/}, which callers and images cannot set, and their spec as an extension.
 */
final class ContainerRecords {

    private static final Logger log = LoggerFactory.getLogger(ContainerRecords.class);
    /** The label that holds a container's name. */
    static final String NAME = "hawse.dev/name";

    private static final String IMAGE_DIGEST = "hawse.dev/image-digest";
    private static final String LAST_RUN = "hawse.dev/last-run";
    private static final String RUN_MARK = "hawse.dev/running";
    private static final String SPEC = "hawse.dev/spec";
    private static final String RUNC_SHIM = "io.containerd.runc.v2";

    /** containerd 1.6 matches type URLs as a whole, so these are bare: no "type.googleapis.com/". */
    private static final String RUNC_OPTIONS = "containerd.runc.v1.Options";

    private static final String OCI_SPEC = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

    private final Engine engine;

    ContainerRecords(Engine engine) {
        this.engine = engine;
    }

    /** Writes a record; the snapshot under the container's id is safe from collection from then on. */
    ContainerEntry create(
            ContainerdClient client,
            ContainerId id,
            String name,
            String image,
            String imageDigest,
            String snapshotter,
            ContainerSpec spec,
            byte[] ociSpec) {
        var runtime = Container.Runtime.newBuilder().setName(RUNC_SHIM);
        var binary = engine.settings().ociRuntimes().get(spec.ociRuntime());
        if (binary != null && !binary.equals("runc")) {
            runtime.setOptions(Any.newBuilder()
                    .setTypeUrl(RUNC_OPTIONS)
                    .setValue(Options.newBuilder().setBinaryName(binary).build().toByteString()));
        }
        var record = Container.newBuilder()
                .setId(id.value())
                .setImage(image)
                .setRuntime(runtime)
                .setSnapshotter(snapshotter)
                .setSnapshotKey(id.value())
                .setSpec(Any.newBuilder().setTypeUrl(OCI_SPEC).setValue(ByteString.copyFrom(ociSpec)))
                .putAllLabels(spec.labels())
                .putLabels(NAME, name)
                .putLabels(IMAGE_DIGEST, imageDigest)
                .putExtensions(
                        SPEC,
                        Any.newBuilder()
                                .setTypeUrl(SPEC)
                                .setValue(ByteString.copyFrom(SpecJson.write(spec)))
                                .build());
        var created = client.containers()
                .create(CreateContainerRequest.newBuilder().setContainer(record).build())
                .getContainer();
        return entry(created).orElseThrow();
    }

    /** Writes a record that stands for one that is gone; nothing when there is one. */
    void createStandIn(ContainerId id) {
        var record = Container.newBuilder()
                .setId(id.value())
                .setRuntime(Container.Runtime.newBuilder().setName(RUNC_SHIM))
                .setSpec(Any.newBuilder().setTypeUrl(OCI_SPEC).setValue(ByteString.copyFromUtf8("{}")));
        try {
            var _ = engine.client()
                    .containers()
                    .create(CreateContainerRequest.newBuilder()
                            .setContainer(record)
                            .build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.ALREADY_EXISTS)) {
                throw ContainerdFailures.from(
                        e, "write a record for " + id, engine.settings().socket());
            }
        }
    }

    /** Every container of ours. */
    List<ContainerEntry> list() {
        return engine
                .client()
                .containers()
                .list(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .stream()
                .flatMap(record -> entry(record).stream())
                .toList();
    }

    /** The ids of every container in the namespace, whoever made it. */
    Set<String> ids() {
        return engine
                .client()
                .containers()
                .list(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .stream()
                .map(Container::getId)
                .collect(Collectors.toSet());
    }

    void rename(ContainerId id, String name) {
        update(id, Map.of(NAME, name));
    }

    /** Notes that a run is about to begin. */
    void begins(ContainerId id, RunMark mark) {
        update(id, Map.of(RUN_MARK, mark.toLabel()));
    }

    /** Notes that what was about to begin did not. */
    void didNotBegin(ContainerId id) {
        update(id, Map.of(RUN_MARK, ""));
    }

    /** Notes how a run ended. */
    void ended(ContainerId id, RunRecord run) {
        update(id, Map.of(LAST_RUN, run.toLabel(), RUN_MARK, ""));
    }

    /** Takes a record away; none there is fine. */
    void delete(ContainerId id) {
        try {
            engine.client()
                    .containers()
                    .delete(DeleteContainerRequest.newBuilder()
                            .setId(id.value())
                            .build());
        } catch (StatusRuntimeException e) {
            if (!ContainerdFailures.is(e, Status.Code.NOT_FOUND)) {
                throw ContainerdFailures.from(
                        e, "delete the record of " + id, engine.settings().socket());
            }
        }
    }

    /** An empty label is one that is not there. */
    private void update(ContainerId id, Map<String, String> labels) {
        // The mask names the labels one by one: "labels" alone would replace what others have written.
        var mask = FieldMask.newBuilder();
        labels.keySet().forEach(label -> mask.addPaths("labels." + label));
        engine.client()
                .containers()
                .update(UpdateContainerRequest.newBuilder()
                        .setContainer(Container.newBuilder().setId(id.value()).putAllLabels(labels))
                        .setUpdateMask(mask)
                        .build());
    }

    /** Empty for containers that are not ours. */
    private Optional<ContainerEntry> entry(Container record) {
        var labels = record.getLabelsMap();
        var extension = record.getExtensionsMap().get(SPEC);
        if (!ContainerId.isWhole(record.getId()) || !labels.containsKey(NAME) || extension == null) {
            return Optional.empty();
        }
        try {
            var entry = new ContainerEntry(
                    new ContainerId(record.getId()),
                    labels.getOrDefault(NAME, ""),
                    engine.settings().namespace(),
                    record.getImage(),
                    labels.getOrDefault(IMAGE_DIGEST, ""),
                    record.getSnapshotter(),
                    ContainerdClient.instant(record.getCreatedAt()),
                    SpecJson.read(extension.getValue().toByteArray()),
                    OciProcess.of(record.getSpec().getValue().toByteArray()),
                    engine.settings().maxStartsPerContainer());
            lastRun(labels).ifPresent(run -> entry.recall(run.startedAt(), run.exit()));
            RunMark.fromLabel(labels.getOrDefault(RUN_MARK, "")).ifPresent(entry::marked);
            return Optional.of(entry);
        } catch (IOException e) {
            log.warn("container {} has a spec that this version cannot read and is left alone", record.getId(), e);
            return Optional.empty();
        }
    }

    private static Optional<RunRecord> lastRun(Map<String, String> labels) {
        var label = labels.get(LAST_RUN);
        return label == null ? Optional.empty() : RunRecord.fromLabel(label);
    }
}
