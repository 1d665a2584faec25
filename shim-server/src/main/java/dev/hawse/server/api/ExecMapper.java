package dev.hawse.server.api;

import com.google.protobuf.Message;
import dev.hawse.api.runtime.v1.AttachExecStart;
import dev.hawse.api.runtime.v1.BlockOutput;
import dev.hawse.api.runtime.v1.DetachOnDisconnect;
import dev.hawse.api.runtime.v1.Exec;
import dev.hawse.api.runtime.v1.ExecMode;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.HangupOnDisconnect;
import dev.hawse.api.runtime.v1.KillOnDisconnect;
import dev.hawse.api.runtime.v1.OutputOffsets;
import dev.hawse.api.runtime.v1.RingOutput;
import dev.hawse.api.runtime.v1.SpillOutput;
import dev.hawse.exec.Command;
import dev.hawse.exec.DisconnectPolicy;
import dev.hawse.exec.ExecInfo;
import dev.hawse.exec.ExecState;
import dev.hawse.exec.Joining;
import dev.hawse.exec.OutputPolicy;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.RuntimeFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Commands between the API and what is known of them. Pure functions. */
final class ExecMapper {

    private ExecMapper() {}

    /**
     * What a caller wants executed. Fields are named as {@code ExecStart} has them.
     *
     * @param otherwise what happens without a caller where the request does not say
     * @param request all of it: the same one again is the same command
     */
    static Command command(
            Runtimes.Located located, ExecStart start, DisconnectPolicy otherwise, String method, Message request) {
        var onDisconnect = start.hasOnDisconnect() ? onDisconnect(start.getOnDisconnect(), otherwise) : otherwise;
        var repeatable = start.getRequestId().isEmpty()
                ? null
                : new Command.Request(method, start.getRequestId(), Digest.of(request));
        var stays = repeatable != null || onDisconnect instanceof DisconnectPolicy.Detach;
        return new Command(
                located.container().id(),
                located.runtime().kind(),
                ProcessMapper.execSpec(start),
                output(start.getOutput(), stays),
                onDisconnect,
                start.hasTimeout() ? Times.duration("timeout", start.getTimeout()) : null,
                start.hasKillAfter() ? Times.duration("kill_after", start.getKillAfter()) : Command.KILL_AFTER,
                drain(start.getDrain()),
                repeatable);
    }

    private static OutputPolicy output(dev.hawse.api.runtime.v1.OutputPolicy policy, boolean stays) {
        var history = policy.hasHistory() ? policy.getHistory() : stays ? OutputPolicy.HISTORY : 0;
        return switch (policy.getPolicyCase()) {
            case BLOCK -> output(OutputPolicy.Kind.BLOCK, policy.getBlock().getWindow(), history);
            case RING -> output(OutputPolicy.Kind.RING, policy.getRing().getBytes(), history);
            case SPILL -> output(OutputPolicy.Kind.SPILL, policy.getSpill().getBytes(), history);
            case POLICY_NOT_SET -> output(OutputPolicy.Kind.BLOCK, 0, history);
        };
    }

    private static OutputPolicy output(OutputPolicy.Kind kind, long bytes, long history) {
        return new OutputPolicy(kind, bytes == 0 ? kind.fallback() : bytes, history);
    }

    private static DisconnectPolicy onDisconnect(
            dev.hawse.api.runtime.v1.DisconnectPolicy policy, DisconnectPolicy otherwise) {
        return switch (policy.getPolicyCase()) {
            case KILL -> DisconnectPolicy.KILL;
            case HANGUP -> DisconnectPolicy.HANGUP;
            case DETACH -> {
                var detach = policy.getDetach();
                yield new DisconnectPolicy.Detach(
                        detach.hasTtl() ? Times.duration("on_disconnect.detach.ttl", detach.getTtl()) : null);
            }
            case POLICY_NOT_SET -> otherwise;
        };
    }

    private static DrainPolicy drain(dev.hawse.api.runtime.v1.DrainPolicy policy) {
        return switch (policy.getPolicyCase()) {
            case WAIT -> DrainPolicy.WAIT;
            case AT_MOST -> new DrainPolicy.AtMost(Times.duration("drain.at_most", policy.getAtMost()));
            case POLICY_NOT_SET -> DrainPolicy.CONFIGURED;
        };
    }

    /** How a caller wants to be attached to a command. */
    static Joining joining(AttachExecStart start, OutputPolicy.Kind output) {
        if (start.getTakeOver() && !start.getStdin()) {
            throw RuntimeFailure.invalid("take_over", "is only allowed with stdin");
        }
        if (start.hasSize() && !start.getStdin()) {
            throw RuntimeFailure.invalid("size", "is only allowed with stdin: who gives input sets it");
        }
        var input = !start.getStdin()
                ? Joining.Input.NONE
                : start.getTakeOver() ? Joining.Input.TAKE_OVER : Joining.Input.WANTED;
        return new Joining(
                from(start),
                input,
                start.hasSize() ? ProcessMapper.size("size", start.getSize()) : null,
                start.getLossy() || output == OutputPolicy.Kind.RING);
    }

    private static ReadFrom from(AttachExecStart start) {
        return switch (start.getFromCase()) {
            case OFFSETS ->
                new ReadFrom.At(new dev.hawse.runtime.OutputOffsets(
                        offset("offsets.stdout", start.getOffsets().getStdout()),
                        offset("offsets.stderr", start.getOffsets().getStderr())));
            case OLDEST -> new ReadFrom.Oldest();
            case NOW, FROM_NOT_SET -> new ReadFrom.Now();
        };
    }

    /** Java shows a uint64 beyond 63 bits as a negative number. */
    private static long offset(String field, long unsigned) {
        if (unsigned < 0) {
            throw RuntimeFailure.invalid(field, "must be below 2^63 (got " + Long.toUnsignedString(unsigned) + ")");
        }
        return unsigned;
    }

    static ExecStarted started(dev.hawse.exec.Exec exec, boolean existing) {
        return ExecStarted.newBuilder()
                .setExecId(exec.id().value())
                .setContainerId(exec.container().value())
                .setPid((int) exec.pid())
                .setMode(ExecMode.EXEC_MODE_RUNTIME)
                .setExisting(existing)
                .build();
    }

    static Exec exec(ExecInfo info) {
        var out = Exec.newBuilder()
                .setId(info.id().value())
                .setContainerId(info.container().value())
                .setRuntime(RuntimeMapper.kind(info.runtime()))
                .addAllArgs(info.args())
                .setState(state(info.state()))
                .setPid((int) info.pid())
                .setTerminal(info.terminal())
                .setStdinOpen(info.stdinOpen())
                .setHasWriter(info.hasWriter())
                .setViewers(info.viewers())
                .setCreatedAt(Times.timestamp(info.createdAt()))
                .setOldest(offsets(info.oldest()))
                .setHead(offsets(info.head()))
                .setOutput(output(info.output()))
                .setOnDisconnect(onDisconnect(info.onDisconnect()))
                .setRequestId(info.requestId());
        if (info.startedAt() != null) {
            out.setStartedAt(Times.timestamp(info.startedAt()));
        }
        if (info.timesOutAt() != null) {
            out.setTimesOutAt(Times.timestamp(info.timesOutAt()));
        }
        if (info.exit() != null) {
            out.setExited(ProcessMapper.exited(info.exit()));
        }
        return out.build();
    }

    static OutputOffsets offsets(dev.hawse.runtime.OutputOffsets offsets) {
        return OutputOffsets.newBuilder()
                .setStdout(offsets.stdout())
                .setStderr(offsets.stderr())
                .build();
    }

    static dev.hawse.api.runtime.v1.ExecState state(ExecState state) {
        return switch (state) {
            case STARTING -> dev.hawse.api.runtime.v1.ExecState.EXEC_STATE_STARTING;
            case RUNNING -> dev.hawse.api.runtime.v1.ExecState.EXEC_STATE_RUNNING;
            case EXITED -> dev.hawse.api.runtime.v1.ExecState.EXEC_STATE_EXITED;
        };
    }

    static ExecState state(String field, dev.hawse.api.runtime.v1.ExecState state) {
        return switch (state) {
            case EXEC_STATE_STARTING -> ExecState.STARTING;
            case EXEC_STATE_RUNNING -> ExecState.RUNNING;
            case EXEC_STATE_EXITED -> ExecState.EXITED;
            case EXEC_STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw RuntimeMapper.unknown(field, "STARTING, RUNNING, EXITED");
        };
    }

    private static dev.hawse.api.runtime.v1.OutputPolicy output(OutputPolicy policy) {
        var out = dev.hawse.api.runtime.v1.OutputPolicy.newBuilder().setHistory(policy.history());
        switch (policy.kind()) {
            case BLOCK -> out.setBlock(BlockOutput.newBuilder().setWindow(policy.bytes()));
            case RING -> out.setRing(RingOutput.newBuilder().setBytes(policy.bytes()));
            case SPILL -> out.setSpill(SpillOutput.newBuilder().setBytes(policy.bytes()));
        }
        return out.build();
    }

    private static dev.hawse.api.runtime.v1.DisconnectPolicy onDisconnect(DisconnectPolicy policy) {
        var out = dev.hawse.api.runtime.v1.DisconnectPolicy.newBuilder();
        switch (policy) {
            case DisconnectPolicy.Kill _ -> out.setKill(KillOnDisconnect.getDefaultInstance());
            case DisconnectPolicy.Hangup _ -> out.setHangup(HangupOnDisconnect.getDefaultInstance());
            case DisconnectPolicy.Detach(@Nullable Duration ttl) ->
                out.setDetach(
                        ttl == null
                                ? DetachOnDisconnect.getDefaultInstance()
                                : DetachOnDisconnect.newBuilder()
                                        .setTtl(Times.duration(ttl))
                                        .build());
        }
        return out.build();
    }
}
