package dev.hawse.server.api;

import com.google.protobuf.UnsafeByteOperations;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.api.runtime.v1.OutputGapCause;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.ProcessLost;
import dev.hawse.api.runtime.v1.SpawnFailure;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.SpawnFailureKind;
import dev.hawse.runtime.TerminalSize;
import org.jspecify.annotations.Nullable;

/** How a process is fed, read and ended, between the API and the port. Pure functions. */
final class ProcessMapper {

    private ProcessMapper() {}

    static ExecSpec execSpec(dev.hawse.api.runtime.v1.ExecStart start) {
        return new ExecSpec(
                start.getArgsList(), start.getEnvMap(), start.getWorkingDir(), start.getUser(), io(start.getIo()));
    }

    static ProcessIo io(dev.hawse.api.runtime.v1.ProcessIo io) {
        if (!io.getTerminal()) {
            if (io.hasSize()) {
                throw RuntimeFailure.invalid("io.size", "is only allowed with terminal");
            }
            return new ProcessIo(io.getStdin(), null);
        }
        return new ProcessIo(io.getStdin(), io.hasSize() ? size("io.size", io.getSize()) : TerminalSize.DEFAULT);
    }

    static dev.hawse.api.runtime.v1.ProcessIo io(ProcessIo io) {
        var out = dev.hawse.api.runtime.v1.ProcessIo.newBuilder()
                .setStdin(io.stdin())
                .setTerminal(io.terminal());
        if (io.size() != null) {
            out.setSize(size(io.size()));
        }
        return out.build();
    }

    /** The size in this field. */
    static TerminalSize size(String field, dev.hawse.api.runtime.v1.TerminalSize size) {
        return new TerminalSize(cells(field + ".columns", size.getColumns()), cells(field + ".rows", size.getRows()));
    }

    static dev.hawse.api.runtime.v1.TerminalSize size(TerminalSize size) {
        return dev.hawse.api.runtime.v1.TerminalSize.newBuilder()
                .setColumns(size.columns())
                .setRows(size.rows())
                .build();
    }

    /** Java shows a uint32 beyond 31 bits as a negative number. */
    private static int cells(String field, int unsigned) {
        if (unsigned < 1 || unsigned > TerminalSize.MOST_CELLS) {
            throw RuntimeFailure.invalid(
                    field,
                    "must be 1 to " + TerminalSize.MOST_CELLS + " (got " + Integer.toUnsignedString(unsigned) + ")");
        }
        return unsigned;
    }

    /** The signal of this field; null when it is empty. */
    static @Nullable Signal signal(String field, String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Signal.parse(text);
        } catch (RuntimeFailure e) {
            throw RuntimeFailure.invalid(field, e.violations().getFirst().message());
        }
    }

    static OutputKind outputKind(String field, OutputStream stream) {
        return switch (stream) {
            case OUTPUT_STREAM_STDOUT -> OutputKind.STDOUT;
            case OUTPUT_STREAM_STDERR -> OutputKind.STDERR;
            case OUTPUT_STREAM_UNSPECIFIED, UNRECOGNIZED -> throw RuntimeMapper.unknown(field, "STDOUT, STDERR");
        };
    }

    static OutputStream outputStream(OutputKind kind) {
        return switch (kind) {
            case STDOUT -> OutputStream.OUTPUT_STREAM_STDOUT;
            case STDERR -> OutputStream.OUTPUT_STREAM_STDERR;
        };
    }

    /** Does not copy: the bytes must not change any more, as those given to a sink do not. */
    static OutputChunk chunk(long offset, byte[] bytes) {
        return OutputChunk.newBuilder()
                .setOffset(offset)
                .setData(UnsafeByteOperations.unsafeWrap(bytes))
                .build();
    }

    static OutputGap gap(OutputKind kind, long from, long to, GapCause cause) {
        return OutputGap.newBuilder()
                .setStream(outputStream(kind))
                .setFrom(from)
                .setTo(to)
                .setCause(
                        switch (cause) {
                            case READER_TOO_SLOW -> OutputGapCause.OUTPUT_GAP_CAUSE_READER_TOO_SLOW;
                            case NOT_KEPT -> OutputGapCause.OUTPUT_GAP_CAUSE_NOT_KEPT;
                            case SERVER_KILLED -> OutputGapCause.OUTPUT_GAP_CAUSE_SERVER_KILLED;
                        })
                .build();
    }

    static SignalScope scope(dev.hawse.api.runtime.v1.SignalScope scope) {
        return switch (scope) {
            case SIGNAL_SCOPE_UNSPECIFIED, SIGNAL_SCOPE_PROCESS -> SignalScope.PROCESS;
            case SIGNAL_SCOPE_TREE -> SignalScope.TREE;
            case UNRECOGNIZED -> throw RuntimeMapper.unknown("scope", "PROCESS, TREE");
        };
    }

    static dev.hawse.api.runtime.v1.ExitOutcome outcome(ExitOutcome outcome) {
        var out = dev.hawse.api.runtime.v1.ExitOutcome.newBuilder();
        switch (outcome) {
            case ExitOutcome.Code code -> out.setCode(code.code());
            case ExitOutcome.Signaled signaled ->
                out.setSignal(signaled.signal().number());
            case ExitOutcome.SpawnFailed failed -> out.setSpawnFailure(spawnFailure(failed));
            case ExitOutcome.Lost lost -> out.setLost(ProcessLost.newBuilder().setReason(lost.reason()));
        }
        return out.build();
    }

    private static SpawnFailure spawnFailure(ExitOutcome.SpawnFailed failed) {
        return SpawnFailure.newBuilder()
                .setKind(spawnFailureKind(failed.kind()))
                .setErrno(failed.errno())
                .setMessage(failed.message())
                .setShellCode(failed.kind().shellCode())
                .build();
    }

    static dev.hawse.api.runtime.v1.SpawnFailureKind spawnFailureKind(SpawnFailureKind kind) {
        return switch (kind) {
            case NOT_FOUND -> dev.hawse.api.runtime.v1.SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_FOUND;
            case NOT_EXECUTABLE -> dev.hawse.api.runtime.v1.SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_EXECUTABLE;
            case BAD_WORKING_DIR -> dev.hawse.api.runtime.v1.SpawnFailureKind.SPAWN_FAILURE_KIND_BAD_WORKING_DIR;
            case OTHER -> dev.hawse.api.runtime.v1.SpawnFailureKind.SPAWN_FAILURE_KIND_OTHER;
        };
    }

    static dev.hawse.api.runtime.v1.DrainState drainState(DrainState state) {
        return switch (state) {
            case COMPLETE -> dev.hawse.api.runtime.v1.DrainState.DRAIN_STATE_COMPLETE;
            case HELD -> dev.hawse.api.runtime.v1.DrainState.DRAIN_STATE_HELD;
        };
    }

    static ProcessExited exited(ProcessExit exit) {
        var out = ProcessExited.newBuilder()
                .setOutcome(outcome(exit.outcome()))
                .setStdoutBytes(exit.stdoutBytes())
                .setStderrBytes(exit.stderrBytes())
                .setDrain(drainState(exit.drain()))
                .setOomKilled(exit.oomKilled())
                .setTimes(times(exit.times()))
                .setTimedOut(exit.timedOut())
                .setPossibleGap(exit.possibleGap());
        if (exit.exitedAt() != null) {
            out.setExitedAt(Times.timestamp(exit.exitedAt()));
        }
        return out.build();
    }

    private static dev.hawse.api.runtime.v1.PhaseTimes times(PhaseTimes times) {
        return dev.hawse.api.runtime.v1.PhaseTimes.newBuilder()
                .setQueued(Times.duration(times.queued()))
                .setStarting(Times.duration(times.starting()))
                .setRunning(Times.duration(times.running()))
                .setDraining(Times.duration(times.draining()))
                .build();
    }
}
