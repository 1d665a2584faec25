package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.BindMount;
import dev.hawse.api.runtime.v1.DefaultSeccomp;
import dev.hawse.api.runtime.v1.Seccomp;
import dev.hawse.api.runtime.v1.StringList;
import dev.hawse.api.runtime.v1.TmpfsMount;
import dev.hawse.api.runtime.v1.UnconfinedSeccomp;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.Mount;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.Resources;
import dev.hawse.runtime.Rlimit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.SeccompMode;
import java.util.ArrayList;
import java.util.List;

/** What a container is made of, between the API and the port. Pure functions. */
final class SpecMapper {

    private SpecMapper() {}

    static ContainerSpec spec(dev.hawse.api.runtime.v1.ContainerSpec spec) {
        return ContainerSpec.builder(spec.getImage())
                .name(spec.getName())
                .entrypoint(spec.hasEntrypoint() ? spec.getEntrypoint().getValuesList() : null)
                .args(spec.getArgsList())
                .env(spec.getEnvMap())
                .workingDir(spec.getWorkingDir())
                .user(spec.getUser())
                .io(ProcessMapper.io(spec.getIo()))
                .hostname(spec.getHostname())
                .readOnlyRoot(spec.getReadOnlyRoot())
                .resources(resources(spec.getResources()))
                .mounts(mounts(spec.getMountsList()))
                .capAdd(spec.getCapAddList())
                .capDrop(spec.getCapDropList())
                .noNewPrivileges(spec.getNoNewPrivileges())
                .seccomp(seccomp(spec.getSeccomp()))
                .rlimits(spec.getRlimitsList().stream()
                        .map(r -> new Rlimit(r.getResource(), r.getSoft(), r.getHard()))
                        .toList())
                .labels(spec.getLabelsMap())
                .ociRuntime(spec.getOciRuntime())
                .network(network(spec.getNetwork()))
                .stopSignal(ProcessMapper.signal("stop_signal", spec.getStopSignal()))
                .stopGrace(
                        spec.hasStopGrace()
                                ? Times.duration("stop_grace", spec.getStopGrace())
                                : ContainerSpec.DEFAULT_STOP_GRACE)
                .build();
    }

    static dev.hawse.api.runtime.v1.ContainerSpec spec(ContainerSpec spec) {
        var out = dev.hawse.api.runtime.v1.ContainerSpec.newBuilder()
                .setImage(spec.image())
                .setName(spec.name())
                .addAllArgs(spec.args())
                .putAllEnv(spec.env())
                .setWorkingDir(spec.workingDir())
                .setUser(spec.user())
                .setIo(ProcessMapper.io(spec.io()))
                .setHostname(spec.hostname())
                .setReadOnlyRoot(spec.readOnlyRoot())
                .setResources(resources(spec.resources()))
                .addAllMounts(spec.mounts().stream().map(SpecMapper::mount).toList())
                .addAllCapAdd(spec.capAdd())
                .addAllCapDrop(spec.capDrop())
                .setNoNewPrivileges(spec.noNewPrivileges())
                .setSeccomp(seccomp(spec.seccomp()))
                .putAllLabels(spec.labels())
                .setOciRuntime(spec.ociRuntime())
                .setNetwork(network(spec.network()))
                .setStopGrace(Times.duration(spec.stopGrace()));
        for (var rlimit : spec.rlimits()) {
            out.addRlimits(dev.hawse.api.runtime.v1.Rlimit.newBuilder()
                    .setResource(rlimit.resource())
                    .setSoft(rlimit.soft())
                    .setHard(rlimit.hard()));
        }
        if (spec.entrypoint() != null) {
            out.setEntrypoint(StringList.newBuilder().addAllValues(spec.entrypoint()));
        }
        if (spec.stopSignal() != null) {
            out.setStopSignal(spec.stopSignal().signalName());
        }
        return out.build();
    }

    /** Numbers beyond 63 bits arrive negative, and are refused as out of range. */
    private static Resources resources(dev.hawse.api.runtime.v1.Resources r) {
        return new Resources(
                r.hasMemoryBytes() ? r.getMemoryBytes() : null,
                r.hasMemorySwapBytes() ? r.getMemorySwapBytes() : null,
                r.hasCpuMillis() ? r.getCpuMillis() : null,
                r.hasCpuShares() ? r.getCpuShares() : null,
                r.getCpusetCpus(),
                r.hasPidsLimit() ? r.getPidsLimit() : Resources.DEFAULT_PIDS_LIMIT);
    }

    private static dev.hawse.api.runtime.v1.Resources resources(Resources r) {
        var out = dev.hawse.api.runtime.v1.Resources.newBuilder()
                .setCpusetCpus(r.cpusetCpus())
                .setPidsLimit(r.pidsLimit());
        if (r.memoryBytes() != null) {
            out.setMemoryBytes(r.memoryBytes());
        }
        if (r.memorySwapBytes() != null) {
            out.setMemorySwapBytes(r.memorySwapBytes());
        }
        if (r.cpuMillis() != null) {
            out.setCpuMillis(r.cpuMillis());
        }
        if (r.cpuShares() != null) {
            out.setCpuShares(r.cpuShares());
        }
        return out.build();
    }

    private static List<Mount> mounts(List<dev.hawse.api.runtime.v1.Mount> mounts) {
        var out = new ArrayList<Mount>();
        for (var mount : mounts) {
            out.add(mount("mounts[" + out.size() + "]", mount));
        }
        return out;
    }

    private static Mount mount(String field, dev.hawse.api.runtime.v1.Mount mount) {
        return switch (mount.getKindCase()) {
            case BIND ->
                new Mount.Bind(
                        mount.getTarget(),
                        mount.getBind().getSource(),
                        mount.getBind().getReadOnly());
            case TMPFS -> {
                var tmpfs = mount.getTmpfs();
                yield new Mount.Tmpfs(
                        mount.getTarget(),
                        tmpfs.hasSizeBytes() ? tmpfs.getSizeBytes() : null,
                        tmpfs.hasMode() ? tmpfs.getMode() : null);
            }
            case KIND_NOT_SET -> throw RuntimeFailure.invalid(field, "must be one of bind, tmpfs (got neither)");
        };
    }

    private static dev.hawse.api.runtime.v1.Mount mount(Mount mount) {
        var out = dev.hawse.api.runtime.v1.Mount.newBuilder().setTarget(mount.target());
        switch (mount) {
            case Mount.Bind bind ->
                out.setBind(BindMount.newBuilder().setSource(bind.source()).setReadOnly(bind.readOnly()));
            case Mount.Tmpfs tmpfs -> {
                var kind = TmpfsMount.newBuilder();
                if (tmpfs.sizeBytes() != null) {
                    kind.setSizeBytes(tmpfs.sizeBytes());
                }
                if (tmpfs.mode() != null) {
                    kind.setMode(tmpfs.mode());
                }
                out.setTmpfs(kind);
            }
        }
        return out.build();
    }

    private static SeccompMode seccomp(Seccomp seccomp) {
        return switch (seccomp.getProfileCase()) {
            case UNCONFINED -> SeccompMode.UNCONFINED;
            case DEFAULT_PROFILE, PROFILE_NOT_SET -> SeccompMode.DEFAULT;
        };
    }

    private static Seccomp seccomp(SeccompMode mode) {
        return switch (mode) {
            case DEFAULT ->
                Seccomp.newBuilder()
                        .setDefaultProfile(DefaultSeccomp.getDefaultInstance())
                        .build();
            case UNCONFINED ->
                Seccomp.newBuilder()
                        .setUnconfined(UnconfinedSeccomp.getDefaultInstance())
                        .build();
        };
    }

    static NetworkMode network(dev.hawse.api.runtime.v1.NetworkMode mode) {
        return switch (mode) {
            case NETWORK_MODE_UNSPECIFIED, NETWORK_MODE_NONE -> NetworkMode.NONE;
            case NETWORK_MODE_HOST -> NetworkMode.HOST;
            case UNRECOGNIZED -> throw RuntimeMapper.unknown("network", "NONE, HOST");
        };
    }

    static dev.hawse.api.runtime.v1.NetworkMode network(NetworkMode mode) {
        return switch (mode) {
            case NONE -> dev.hawse.api.runtime.v1.NetworkMode.NETWORK_MODE_NONE;
            case HOST -> dev.hawse.api.runtime.v1.NetworkMode.NETWORK_MODE_HOST;
        };
    }
}
