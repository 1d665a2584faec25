package dev.hawse.containerd;

import dev.hawse.containerd.api.services.tasks.v1.MetricsRequest;
import dev.hawse.containerd.client.ContainerdClient;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a container's control group whether the kernel has killed something in it for want of memory. The group is there
 * until the task is deleted; the event about it may come later than the end of the process.
 */
final class OomKiller {

    private static final Logger log = LoggerFactory.getLogger(OomKiller.class);

    private final Engine engine;

    OomKiller(Engine engine) {
        this.engine = engine;
    }

    /** Whether it has struck since the container's start. */
    boolean hasStruck(ContainerEntry entry) {
        return kills(entry) > 0;
    }

    /** Whether it has struck since this was last asked. */
    boolean hasStruckAgain(ContainerEntry entry) {
        return entry.moreOomKills(kills(entry));
    }

    private long kills(ContainerEntry entry) {
        try {
            return engine
                    .client()
                    .tasks(ContainerdClient.QUICK)
                    .metrics(MetricsRequest.newBuilder()
                            .addFilters("id==" + entry.id)
                            .build())
                    .getMetricsList()
                    .stream()
                    .mapToLong(metric -> CgroupMetrics.oomKills(metric.getData()))
                    .max()
                    .orElse(0);
        } catch (StatusRuntimeException e) {
            log.debug("no metrics of {}: {}", entry.id, e.getStatus());
            return 0;
        }
    }
}
