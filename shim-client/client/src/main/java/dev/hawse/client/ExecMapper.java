package dev.hawse.client;

import dev.hawse.api.runtime.v1.AttachExecStart;
import dev.hawse.api.runtime.v1.BlockOutput;
import dev.hawse.api.runtime.v1.DetachOnDisconnect;
import dev.hawse.api.runtime.v1.DrainWait;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.FromNow;
import dev.hawse.api.runtime.v1.FromOldest;
import dev.hawse.api.runtime.v1.HangupOnDisconnect;
import dev.hawse.api.runtime.v1.KillOnDisconnect;
import dev.hawse.api.runtime.v1.RingOutput;
import dev.hawse.api.runtime.v1.SpillOutput;

/** Commands between the wire and Java. */
final class ExecMapper {

    private ExecMapper() {}

    static ExecStart start(String container, ExecSpec spec) {
        var start = ExecStart.newBuilder()
                .setContainer(container)
                .addAllArgs(spec.command())
                .putAllEnv(spec.env())
                .setWorkingDir(spec.workingDir())
                .setUser(spec.user())
                .setIo(ProcessMapper.io(spec.stdin(), spec.terminal()))
                .setRequestId(spec.requestId());
        if (spec.timeout() != null) {
            start.setTimeout(Values.duration(spec.timeout()));
        }
        if (spec.killAfter() != null) {
            start.setKillAfter(Values.duration(spec.killAfter()));
        }
        if (spec.output() != null) {
            start.setOutput(output(spec.output()));
        }
        if (spec.onDisconnect() != null) {
            start.setOnDisconnect(onDisconnect(spec.onDisconnect()));
        }
        if (spec.drain() != null) {
            start.setDrain(drain(spec.drain()));
        }
        return start.build();
    }

    private static dev.hawse.api.runtime.v1.OutputPolicy output(OutputPolicy policy) {
        var wire = dev.hawse.api.runtime.v1.OutputPolicy.newBuilder();
        switch (policy.kind()) {
            case BLOCK -> wire.setBlock(BlockOutput.newBuilder().setWindow(policy.bytes()));
            case RING -> wire.setRing(RingOutput.newBuilder().setBytes(policy.bytes()));
            case SPILL -> wire.setSpill(SpillOutput.newBuilder().setBytes(policy.bytes()));
        }
        if (policy.history() != null) {
            wire.setHistory(policy.history());
        }
        return wire.build();
    }

    private static OutputPolicy output(dev.hawse.api.runtime.v1.OutputPolicy wire) {
        var policy = switch (wire.getPolicyCase()) {
            case BLOCK, POLICY_NOT_SET ->
                new OutputPolicy(OutputPolicy.Kind.BLOCK, wire.getBlock().getWindow(), null);
            case RING -> OutputPolicy.ring(wire.getRing().getBytes());
            case SPILL -> OutputPolicy.spill(wire.getSpill().getBytes());
        };
        return wire.hasHistory() ? policy.withHistory(wire.getHistory()) : policy;
    }

    private static dev.hawse.api.runtime.v1.DisconnectPolicy onDisconnect(DisconnectPolicy policy) {
        var wire = dev.hawse.api.runtime.v1.DisconnectPolicy.newBuilder();
        if (policy instanceof DisconnectPolicy.Kill) {
            wire.setKill(KillOnDisconnect.getDefaultInstance());
        } else if (policy instanceof DisconnectPolicy.Hangup) {
            wire.setHangup(HangupOnDisconnect.getDefaultInstance());
        } else if (policy instanceof DisconnectPolicy.Detach detach) {
            var d = DetachOnDisconnect.newBuilder();
            if (detach.ttl() != null) {
                d.setTtl(Values.duration(detach.ttl()));
            }
            wire.setDetach(d);
        }
        return wire.build();
    }

    private static DisconnectPolicy onDisconnect(dev.hawse.api.runtime.v1.DisconnectPolicy wire) {
        return switch (wire.getPolicyCase()) {
            case KILL, POLICY_NOT_SET -> DisconnectPolicy.KILL;
            case HANGUP -> DisconnectPolicy.HANGUP;
            case DETACH ->
                wire.getDetach().hasTtl()
                        ? DisconnectPolicy.detach(
                                Values.duration(wire.getDetach().getTtl()))
                        : DisconnectPolicy.detach();
        };
    }

    private static dev.hawse.api.runtime.v1.DrainPolicy drain(DrainPolicy policy) {
        var wire = dev.hawse.api.runtime.v1.DrainPolicy.newBuilder();
        if (policy instanceof DrainPolicy.AtMost most) {
            wire.setAtMost(Values.duration(most.time()));
        } else {
            wire.setWait(DrainWait.getDefaultInstance());
        }
        return wire.build();
    }

    static AttachExecStart attach(String execId, AttachExecSpec spec) {
        var start = AttachExecStart.newBuilder()
                .setExecId(execId)
                .setStdin(spec.stdin())
                .setTakeOver(spec.takeOver())
                .setLossy(spec.lossy());
        if (spec.from() instanceof ReadFrom.At at) {
            start.setOffsets(offsets(at.offsets()));
        } else if (spec.from() instanceof ReadFrom.Oldest) {
            start.setOldest(FromOldest.getDefaultInstance());
        } else {
            start.setNow(FromNow.getDefaultInstance());
        }
        if (spec.size() != null) {
            start.setSize(ProcessMapper.size(spec.size()));
        }
        return start.build();
    }

    static dev.hawse.api.runtime.v1.OutputOffsets offsets(OutputOffsets o) {
        return dev.hawse.api.runtime.v1.OutputOffsets.newBuilder()
                .setStdout(o.stdout())
                .setStderr(o.stderr())
                .build();
    }

    static OutputOffsets offsets(dev.hawse.api.runtime.v1.OutputOffsets o) {
        return new OutputOffsets(o.getStdout(), o.getStderr());
    }

    static Exec exec(dev.hawse.api.runtime.v1.Exec e) {
        return new Exec(
                e.getId(),
                e.getContainerId(),
                Values.runtime(e.getRuntime()),
                e.getArgsList(),
                Values.fromWire(ExecState.class, e.getState(), "EXEC_STATE_", ExecState.UNKNOWN),
                e.getPid(),
                e.getTerminal(),
                e.getStdinOpen(),
                e.getHasWriter(),
                e.getViewers(),
                Values.instant(e.getCreatedAt()),
                Values.instant(e.hasStartedAt(), e.getStartedAt()),
                offsets(e.getOldest()),
                offsets(e.getHead()),
                output(e.getOutput()),
                onDisconnect(e.getOnDisconnect()),
                Values.instant(e.hasTimesOutAt(), e.getTimesOutAt()),
                e.hasExited() ? ProcessMapper.exit(e.getExited()) : null,
                e.getRequestId());
    }
}
