package dev.hawse.containerd;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;

/** What containerd tells of a container's control group, in either version of them. */
final class CgroupMetrics {

    private CgroupMetrics() {}

    /** How many processes the out-of-memory killer has killed; 0 when that is not told. */
    static long oomKills(Any metrics) {
        // Type URLs come without a slash, which Any.is() needs.
        var type = metrics.getTypeUrl().substring(metrics.getTypeUrl().lastIndexOf('/') + 1);
        try {
            return switch (type) {
                case "io.containerd.cgroups.v1.Metrics" ->
                    dev.hawse.containerd.api.cgroups.v1.Metrics.parseFrom(metrics.getValue())
                            .getMemoryOomControl()
                            .getOomKill();
                case "io.containerd.cgroups.v2.Metrics" ->
                    dev.hawse.containerd.api.cgroups.v2.Metrics.parseFrom(metrics.getValue())
                            .getMemoryEvents()
                            .getOomKill();
                default -> 0;
            };
        } catch (InvalidProtocolBufferException e) {
            return 0;
        }
    }
}
