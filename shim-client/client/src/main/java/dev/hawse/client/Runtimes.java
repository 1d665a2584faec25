package dev.hawse.client;

import dev.hawse.api.runtime.v1.GetInfoRequest;
import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.ListRuntimesRequest;
import dev.hawse.api.runtime.v1.Runtime;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import java.util.List;
import java.util.stream.Collectors;

/** A server, its host and the engines it speaks to. Safe for use by any number of threads. */
public final class Runtimes {

    private final Connection connection;

    Runtimes(Connection connection) {
        this.connection = connection;
    }

    /** The configured engines, each asked anew. One that does not answer is listed with the reason. */
    public List<RuntimeInfo> list() {
        return connection
                .unary(RuntimeServiceGrpc.getListRuntimesMethod(), ListRuntimesRequest.getDefaultInstance())
                .getRuntimesList()
                .stream()
                .map(Runtimes::info)
                .toList();
    }

    private static RuntimeInfo info(Runtime r) {
        return new RuntimeInfo(
                Values.runtime(r.getKind()),
                r.getEndpoint(),
                r.getActive(),
                r.getAvailable(),
                r.getUnavailableReason(),
                r.getVersion(),
                r.hasLatency() ? Values.duration(r.getLatency()) : null,
                r.getCapabilitiesList().stream()
                        .map(c -> Values.fromWire(Capability.class, c, "CAPABILITY_", Capability.UNKNOWN))
                        .collect(Collectors.toUnmodifiableSet()),
                r.getNamespace(),
                r.getSnapshotter(),
                r.getOciRuntimesList());
    }

    /** The server's host and how much is on it. */
    public HostInfo info() {
        var i = connection.unary(RuntimeServiceGrpc.getGetInfoMethod(), GetInfoRequest.getDefaultInstance());
        var c = i.getCaller();
        return new HostInfo(
                i.getHostname(),
                i.getOperatingSystem(),
                i.getKernelVersion(),
                i.getArchitecture(),
                i.getProcessors(),
                i.getMemoryBytes(),
                i.getCgroupVersion(),
                i.getSeccomp(),
                i.getContainers(),
                i.getContainersRunning(),
                i.getContainersPaused(),
                i.getImages(),
                i.getExecsRunning(),
                Values.duration(i.getUptime()),
                i.hasCaller() ? new HostInfo.Caller(c.getUid(), c.getGid(), c.getPid()) : null);
    }

    /** Which server this is. Answers whatever the engines do. */
    public ServerVersion version() {
        var v = connection.unary(RuntimeServiceGrpc.getGetVersionMethod(), GetVersionRequest.getDefaultInstance());
        return new ServerVersion(v.getVersion(), v.getApiVersion(), v.getCommit(), v.getJavaVersion(), v.getPlatform());
    }
}
