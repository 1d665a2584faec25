package dev.hawse.testing;

import dev.hawse.containerd.api.services.containers.v1.DeleteContainerRequest;
import dev.hawse.containerd.api.services.containers.v1.ListContainersRequest;
import dev.hawse.containerd.api.services.content.v1.AbortRequest;
import dev.hawse.containerd.api.services.content.v1.ListStatusesRequest;
import dev.hawse.containerd.api.services.images.v1.DeleteImageRequest;
import dev.hawse.containerd.api.services.images.v1.ListImagesRequest;
import dev.hawse.containerd.api.services.leases.v1.DeleteRequest;
import dev.hawse.containerd.api.services.leases.v1.ListRequest;
import dev.hawse.containerd.api.services.tasks.v1.DeleteTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.KillRequest;
import dev.hawse.containerd.api.services.tasks.v1.ListTasksRequest;
import dev.hawse.containerd.api.services.tasks.v1.WaitRequest;
import dev.hawse.containerd.client.ContainerdClient;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Empties a namespace after a test that left things, so that the next one is not judged for them. */
final class Sweep {

    private final ContainerdClient client;
    private final List<String> failures = new ArrayList<>();

    private Sweep(ContainerdClient client) {
        this.client = client;
    }

    /** What could not be removed, as sentences. */
    static List<String> of(ContainerdClient client, boolean imagesToo) {
        var sweep = new Sweep(client);
        sweep.containers();
        sweep.rest(imagesToo);
        Census.collectGarbage(client);
        return sweep.failures;
    }

    private void containers() {
        var tasks = client.tasks(ContainerdClient.SLOW);
        for (var task : tasks.list(ListTasksRequest.getDefaultInstance()).getTasksList()) {
            attempt("task " + task.getId(), () -> endTask(task.getId()));
        }
        for (var container : client.containers()
                .list(ListContainersRequest.getDefaultInstance())
                .getContainersList()) {
            attempt(
                    "container " + container.getId(),
                    () -> client.containers()
                            .delete(DeleteContainerRequest.newBuilder()
                                    .setId(container.getId())
                                    .build()));
        }
    }

    private void endTask(String id) {
        var exit = client.tasksAsync()
                .wait(WaitRequest.newBuilder().setContainerId(id).build());
        attempt(
                "kill " + id,
                () -> client.tasks(ContainerdClient.SLOW)
                        .kill(KillRequest.newBuilder()
                                .setContainerId(id)
                                .setSignal(9)
                                .setAll(true)
                                .build()));
        try {
            exit.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            failures.add("wait for " + id + ": " + e.getMessage());
        }
        client.tasks(ContainerdClient.SLOW)
                .delete(DeleteTaskRequest.newBuilder().setContainerId(id).build());
    }

    /** Snapshots and content go with the garbage collection, once nothing refers to them. */
    private void rest(boolean imagesToo) {
        for (var lease : client.leases().list(ListRequest.getDefaultInstance()).getLeasesList()) {
            attempt(
                    "lease " + lease.getId(),
                    () -> client.leases()
                            .delete(DeleteRequest.newBuilder()
                                    .setId(lease.getId())
                                    .build()));
        }
        for (var ingest : client.content()
                .listStatuses(ListStatusesRequest.getDefaultInstance())
                .getStatusesList()) {
            attempt(
                    "ingest " + ingest.getRef(),
                    () -> client.content()
                            .abort(AbortRequest.newBuilder()
                                    .setRef(ingest.getRef())
                                    .build()));
        }
        if (!imagesToo) {
            return;
        }
        for (var image :
                client.images().list(ListImagesRequest.getDefaultInstance()).getImagesList()) {
            attempt(
                    "image " + image.getName(),
                    () -> client.images()
                            .delete(DeleteImageRequest.newBuilder()
                                    .setName(image.getName())
                                    .build()));
        }
    }

    private void attempt(String what, Runnable removal) {
        try {
            removal.run();
        } catch (StatusRuntimeException e) {
            failures.add(what + ": " + e.getStatus());
        }
    }
}
