package dev.hawse.containerd.client;

import dev.hawse.containerd.api.services.leases.v1.AddResourceRequest;
import dev.hawse.containerd.api.services.leases.v1.DeleteRequest;
import dev.hawse.containerd.api.services.leases.v1.ListRequest;
import dev.hawse.containerd.api.services.leases.v1.Resource;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** See {@link ContainerdClient#lease}. Closing it never throws: an expired lease goes by itself. Safe for use by any threads. */
public final class Lease implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Lease.class);

    private final ContainerdClient owner;
    private final String id;
    private final ContainerdClient client;

    Lease(ContainerdClient owner, String id) {
        this.owner = owner;
        this.id = id;
        this.client = new ContainerdClient(owner, id);
    }

    /** Ends those of servers that are gone. */
    public static void endLeft(ContainerdClient client) {
        var request = ListRequest.newBuilder()
                .addFilters("labels.\"" + Owner.LEASE_LABEL + "\"")
                .build();
        for (var lease : client.leases().list(request).getLeasesList()) {
            var owner = Owner.fromLabel(lease.getLabelsOrDefault(Owner.LEASE_LABEL, ""));
            if (owner.isEmpty() || !owner.get().isAlive()) {
                log.info("ending lease {}: its server is gone", lease.getId());
                client.leases()
                        .delete(DeleteRequest.newBuilder().setId(lease.getId()).build());
            }
        }
    }

    /** The same services; what is made through them is protected. Not to be closed. */
    public ContainerdClient client() {
        return client;
    }

    /**
     * Protects something that exists already, and what it refers to.
     *
     * @param type "content", or "snapshots/" and the snapshotter
     * @param resource digest or key
     */
    public void hold(String type, String resource) {
        owner.leases()
                .addResource(AddResourceRequest.newBuilder()
                        .setId(id)
                        .setResource(Resource.newBuilder().setType(type).setId(resource))
                        .build());
    }

    @Override
    public void close() {
        ContainerdClient.despiteCancellation(this::delete);
    }

    private void delete() {
        try {
            owner.leases().delete(DeleteRequest.newBuilder().setId(id).build());
        } catch (StatusRuntimeException e) {
            log.warn("lease {} could not be deleted and will expire: {}", id, e.getStatus());
        }
    }
}
