package dev.hawse.client;

import dev.hawse.api.runtime.v1.BindMount;
import dev.hawse.api.runtime.v1.DefaultSeccomp;
import dev.hawse.api.runtime.v1.Seccomp;
import dev.hawse.api.runtime.v1.StringList;
import dev.hawse.api.runtime.v1.TmpfsMount;
import dev.hawse.api.runtime.v1.UnconfinedSeccomp;

/** Containers between the wire and Java. */
final class ContainerMapper {

    private ContainerMapper() {}

    static Container container(dev.hawse.api.runtime.v1.Container c) {
        var kind = Values.runtime(c.getRuntime());
        return new Container(
                c.getId(),
                c.getName(),
                kind,
                c.getNamespace(),
                c.getImage(),
                c.getImageDigest(),
                Values.fromWire(ContainerState.class, c.getState(), "CONTAINER_STATE_", ContainerState.UNKNOWN),
                c.getPid(),
                Values.instant(c.hasCreatedAt(), c.getCreatedAt()),
                Values.instant(c.hasStartedAt(), c.getStartedAt()),
                Values.instant(c.hasFinishedAt(), c.getFinishedAt()),
                c.hasExit() ? ProcessMapper.status(c.getExit()) : null,
                c.getOomKilled(),
                c.getLabelsMap(),
                spec(c.getSpec(), kind));
    }

    static ContainerProcess process(dev.hawse.api.runtime.v1.ContainerProcess p) {
        return new ContainerProcess(
                p.getPid(),
                p.getParentPid(),
                p.getUid(),
                p.getArgsList(),
                Values.instant(p.hasStartedAt(), p.getStartedAt()),
                Values.duration(p.getCpuTime()),
                p.getResidentBytes(),
                p.getState(),
                p.getExecId());
    }

    static dev.hawse.api.runtime.v1.ContainerFilter filter(ContainerFilter f) {
        var filter = dev.hawse.api.runtime.v1.ContainerFilter.newBuilder()
                .addAllContainers(f.containers())
                .putAllLabels(f.labels())
                .addAllImages(f.images())
                .setNameContains(f.nameContains());
        for (var state : f.states()) {
            filter.addStates(Values.toWire(dev.hawse.api.runtime.v1.ContainerState.class, state, "CONTAINER_STATE_"));
        }
        for (var runtime : f.runtimes()) {
            filter.addRuntimes(Values.runtime(runtime));
        }
        return filter.build();
    }

    static dev.hawse.api.runtime.v1.ContainerSpec spec(ContainerSpec s) {
        var spec = dev.hawse.api.runtime.v1.ContainerSpec.newBuilder()
                .setImage(s.image())
                .setName(s.name())
                .addAllArgs(s.args())
                .putAllEnv(s.env())
                .setWorkingDir(s.workingDir())
                .setUser(s.user())
                .setIo(ProcessMapper.io(s.stdin(), s.terminal()))
                .setHostname(s.hostname())
                .setReadOnlyRoot(s.readOnlyRoot())
                .setResources(resources(s.resources()))
                .addAllCapAdd(s.capAdd())
                .addAllCapDrop(s.capDrop())
                .setNoNewPrivileges(s.noNewPrivileges())
                .setSeccomp(seccomp(s.seccomp()))
                .putAllLabels(s.labels())
                .setOciRuntime(s.ociRuntime())
                .setNetwork(Values.toWire(dev.hawse.api.runtime.v1.NetworkMode.class, s.network(), "NETWORK_MODE_"))
                .setStopSignal(s.stopSignal());
        if (s.entrypoint() != null) {
            spec.setEntrypoint(StringList.newBuilder().addAllValues(s.entrypoint()));
        }
        if (s.stopGrace() != null) {
            spec.setStopGrace(Values.duration(s.stopGrace()));
        }
        s.mounts().forEach(m -> spec.addMounts(mount(m)));
        s.rlimits()
                .forEach(r -> spec.addRlimits(dev.hawse.api.runtime.v1.Rlimit.newBuilder()
                        .setResource(r.resource())
                        .setSoft(r.soft())
                        .setHard(r.hard())));
        return spec.build();
    }

    private static ContainerSpec spec(dev.hawse.api.runtime.v1.ContainerSpec s, RuntimeKind runtime) {
        var io = s.getIo();
        return new ContainerSpec(
                s.getImage(),
                runtime,
                s.getName(),
                s.hasEntrypoint() ? s.getEntrypoint().getValuesList() : null,
                s.getArgsList(),
                s.getEnvMap(),
                s.getWorkingDir(),
                s.getUser(),
                io.getStdin(),
                io.getTerminal() ? size(io.getSize()) : null,
                s.getHostname(),
                s.getReadOnlyRoot(),
                resources(s.getResources()),
                s.getMountsList().stream().map(ContainerMapper::mount).toList(),
                s.getCapAddList(),
                s.getCapDropList(),
                s.getNoNewPrivileges(),
                s.getSeccomp().hasUnconfined() ? SeccompProfile.UNCONFINED : SeccompProfile.DEFAULT,
                s.getRlimitsList().stream()
                        .map(r -> new Rlimit(r.getResource(), r.getSoft(), r.getHard()))
                        .toList(),
                s.getLabelsMap(),
                s.getOciRuntime(),
                Values.fromWire(NetworkMode.class, s.getNetwork(), "NETWORK_MODE_", NetworkMode.NONE),
                s.getStopSignal(),
                s.hasStopGrace() ? Values.duration(s.getStopGrace()) : null);
    }

    private static TerminalSize size(dev.hawse.api.runtime.v1.TerminalSize s) {
        return s.getColumns() == 0 || s.getRows() == 0
                ? TerminalSize.DEFAULT
                : new TerminalSize(s.getColumns(), s.getRows());
    }

    private static dev.hawse.api.runtime.v1.Resources resources(Resources r) {
        var resources = dev.hawse.api.runtime.v1.Resources.newBuilder().setCpusetCpus(r.cpusetCpus());
        if (r.memoryBytes() != null) {
            resources.setMemoryBytes(r.memoryBytes());
        }
        if (r.memorySwapBytes() != null) {
            resources.setMemorySwapBytes(r.memorySwapBytes());
        }
        if (r.cpuMillis() != null) {
            resources.setCpuMillis(r.cpuMillis());
        }
        if (r.cpuShares() != null) {
            resources.setCpuShares(r.cpuShares());
        }
        if (r.pidsLimit() != null) {
            resources.setPidsLimit(r.pidsLimit());
        }
        return resources.build();
    }

    private static Resources resources(dev.hawse.api.runtime.v1.Resources r) {
        return new Resources(
                r.hasMemoryBytes() ? (Long) r.getMemoryBytes() : null,
                r.hasMemorySwapBytes() ? (Long) r.getMemorySwapBytes() : null,
                r.hasCpuMillis() ? (Long) r.getCpuMillis() : null,
                r.hasCpuShares() ? (Long) r.getCpuShares() : null,
                r.getCpusetCpus(),
                r.hasPidsLimit() ? (Long) r.getPidsLimit() : null);
    }

    private static dev.hawse.api.runtime.v1.Mount mount(Mount m) {
        var mount = dev.hawse.api.runtime.v1.Mount.newBuilder().setTarget(m.target());
        if (m instanceof Mount.Bind b) {
            mount.setBind(BindMount.newBuilder().setSource(b.source()).setReadOnly(b.readOnly()));
        } else if (m instanceof Mount.Tmpfs t) {
            var tmpfs = TmpfsMount.newBuilder();
            if (t.sizeBytes() != null) {
                tmpfs.setSizeBytes(t.sizeBytes());
            }
            if (t.mode() != null) {
                tmpfs.setMode(t.mode());
            }
            mount.setTmpfs(tmpfs);
        }
        return mount.build();
    }

    private static Mount mount(dev.hawse.api.runtime.v1.Mount m) {
        if (m.hasTmpfs()) {
            var t = m.getTmpfs();
            return new Mount.Tmpfs(
                    m.getTarget(),
                    t.hasSizeBytes() ? (Long) t.getSizeBytes() : null,
                    t.hasMode() ? (Integer) t.getMode() : null);
        }
        return new Mount.Bind(
                m.getBind().getSource(), m.getTarget(), m.getBind().getReadOnly());
    }

    private static Seccomp seccomp(SeccompProfile profile) {
        return switch (profile) {
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
}
