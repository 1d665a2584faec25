package dev.hawse.client;

import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.ProcessIo;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import org.jspecify.annotations.Nullable;

/** Processes between the wire and Java. */
final class ProcessMapper {

    private ProcessMapper() {}

    static ProcessExit exit(ProcessExited e) {
        var t = e.getTimes();
        return new ProcessExit(
                status(e.getOutcome()),
                e.getStdoutBytes(),
                e.getStderrBytes(),
                Values.fromWire(DrainState.class, e.getDrain(), "DRAIN_STATE_", DrainState.UNKNOWN),
                e.getOomKilled(),
                Values.instant(e.hasExitedAt(), e.getExitedAt()),
                new PhaseTimes(
                        Values.duration(t.getQueued()),
                        Values.duration(t.getStarting()),
                        Values.duration(t.getRunning()),
                        Values.duration(t.getDraining())),
                e.getTimedOut(),
                e.getPossibleGap());
    }

    static ExitStatus status(ExitOutcome o) {
        return switch (o.getOutcomeCase()) {
            case CODE -> new ExitStatus.Code(o.getCode());
            case SIGNAL -> new ExitStatus.Signal(o.getSignal());
            case SPAWN_FAILURE -> {
                var f = o.getSpawnFailure();
                yield new ExitStatus.SpawnFailed(
                        Values.fromWire(
                                SpawnFailureKind.class, f.getKind(), "SPAWN_FAILURE_KIND_", SpawnFailureKind.OTHER),
                        f.getErrno(),
                        f.getMessage());
            }
            case LOST -> new ExitStatus.Lost(o.getLost().getReason());
            case OUTCOME_NOT_SET -> new ExitStatus.Lost("the server told an end that this client does not know");
        };
    }

    static ProcessIo io(boolean stdin, @Nullable TerminalSize terminal) {
        var io = ProcessIo.newBuilder().setStdin(stdin);
        if (terminal != null) {
            io.setTerminal(true).setSize(size(terminal));
        }
        return io.build();
    }

    static dev.hawse.api.runtime.v1.TerminalSize size(TerminalSize size) {
        return dev.hawse.api.runtime.v1.TerminalSize.newBuilder()
                .setColumns(size.columns())
                .setRows(size.rows())
                .build();
    }

    static OutputKind kind(OutputStream stream) {
        return stream == OutputStream.OUTPUT_STREAM_STDERR ? OutputKind.STDERR : OutputKind.STDOUT;
    }

    static OutputGap gap(dev.hawse.api.runtime.v1.OutputGap g) {
        return new OutputGap(
                kind(g.getStream()),
                g.getFrom(),
                g.getTo(),
                Values.fromWire(OutputGap.Cause.class, g.getCause(), "OUTPUT_GAP_CAUSE_", OutputGap.Cause.UNKNOWN));
    }

    static SignalFrame signal(String signal, SignalScope scope) {
        return SignalFrame.newBuilder()
                .setSignal(signal)
                .setScope(Values.toWire(dev.hawse.api.runtime.v1.SignalScope.class, scope, "SIGNAL_SCOPE_"))
                .build();
    }

    static StreamLogsRequest logs(String container, LogQuery q) {
        var request = StreamLogsRequest.newBuilder().setContainer(container).setFollow(q.follow());
        if (q.since() != null) {
            request.setSince(Values.timestamp(q.since()));
        }
        if (q.until() != null) {
            request.setUntil(Values.timestamp(q.until()));
        }
        if (q.tail() != null) {
            request.setTail(q.tail());
        }
        for (var stream : q.streams()) {
            request.addStreams(Values.toWire(OutputStream.class, stream, "OUTPUT_STREAM_"));
        }
        return request.build();
    }

    static LogRecord log(StreamLogsResponse r) {
        return new LogRecord(
                kind(r.getStream()),
                Values.instant(r.getTime()),
                r.getData().asReadOnlyByteBuffer(),
                r.getGap().getBytes(),
                switch (r.getGap().getCause()) {
                    case CAUSE_DISK_FULL -> "the server's disk was full";
                    case CAUSE_ROTATED -> "the log had become too long before they were read";
                    case CAUSE_UNSPECIFIED, UNRECOGNIZED -> r.hasGap() ? "the server does not say why" : "";
                });
    }
}
