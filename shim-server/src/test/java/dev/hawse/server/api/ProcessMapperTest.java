package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import dev.hawse.runtime.TerminalSize;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessMapperTest {

    @Test
    void aCommandHasAllOfItsParts() {
        var spec = ProcessMapper.execSpec(dev.hawse.api.runtime.v1.ExecStart.newBuilder()
                .addArgs("sh")
                .addArgs("-c")
                .putEnv("A", "1")
                .setWorkingDir("/tmp")
                .setUser("1:2")
                .setIo(dev.hawse.api.runtime.v1.ProcessIo.newBuilder().setStdin(true))
                .build());

        assertThat(spec)
                .isEqualTo(
                        new ExecSpec(List.of("sh", "-c"), Map.of("A", "1"), "/tmp", "1:2", new ProcessIo(true, null)));
    }

    @Test
    void aTerminalWithoutSizeHasTheDefault() {
        var io = dev.hawse.api.runtime.v1.ProcessIo.newBuilder()
                .setTerminal(true)
                .build();

        assertThat(ProcessMapper.io(io)).isEqualTo(new ProcessIo(false, TerminalSize.DEFAULT));
    }

    @Test
    void aSizeWithoutTerminalIsRefused() {
        var io = dev.hawse.api.runtime.v1.ProcessIo.newBuilder()
                .setSize(ProcessMapper.size(TerminalSize.DEFAULT))
                .build();

        Invalid.field("io.size", () -> ProcessMapper.io(io));
    }

    @Test
    void terminalsComeBack() {
        var io = new ProcessIo(true, new TerminalSize(1, 65535));

        assertThat(ProcessMapper.io(ProcessMapper.io(io))).isEqualTo(io);
        assertThat(ProcessMapper.io(ProcessMapper.io(ProcessIo.NONE))).isEqualTo(ProcessIo.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,resize.columns",
        "65536,1,resize.columns",
        "-1,1,resize.columns",
        "1,0,resize.rows",
        "1,-1,resize.rows"
    })
    void sizesThatATerminalCannotHaveAreRefused(int columns, int rows, String field) {
        var size = dev.hawse.api.runtime.v1.TerminalSize.newBuilder()
                .setColumns(columns)
                .setRows(rows)
                .build();

        Invalid.field(field, () -> ProcessMapper.size("resize", size));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "sigterm", "15"})
    void signalsAreNamesAndNumbers(String text) {
        assertThat(ProcessMapper.signal("signal", text)).isEqualTo(Signal.TERM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"99", "0", "-1", "SIGFOO", " ", "RTMIN+31", "4294967305"})
    void whatIsNoSignalIsRefusedForItsField(String text) {
        Invalid.field("stop_signal", () -> ProcessMapper.signal("stop_signal", text));
    }

    @Test
    void noSignalIsNone() {
        assertThat(ProcessMapper.signal("signal", "")).isNull();
    }

    @ParameterizedTest
    @EnumSource(OutputKind.class)
    void outputsComeBack(OutputKind kind) {
        assertThat(ProcessMapper.outputStream(kind).name()).isEqualTo("OUTPUT_STREAM_" + kind.name());
        assertThat(ProcessMapper.outputKind("streams[0]", ProcessMapper.outputStream(kind)))
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @EnumSource(
            value = OutputStream.class,
            names = {"OUTPUT_STREAM_UNSPECIFIED", "UNRECOGNIZED"})
    void outputsThatMeanNothingAreRefused(OutputStream stream) {
        Invalid.field("streams[1]", () -> ProcessMapper.outputKind("streams[1]", stream));
    }

    @Test
    void everyWayToEndIsToldApart() {
        var code = ProcessMapper.outcome(new ExitOutcome.Code(0));
        var signal = ProcessMapper.outcome(new ExitOutcome.Signaled(Signal.KILL));
        var lost = ProcessMapper.outcome(new ExitOutcome.Lost("the shim was killed"));

        assertThat(code.hasCode()).isTrue();
        assertThat(code.getCode()).isZero();
        assertThat(signal.getSignal()).isEqualTo(9);
        assertThat(lost.getLost().getReason()).isEqualTo("the shim was killed");
    }

    @ParameterizedTest
    @EnumSource(SpawnFailureKind.class)
    void aCommandThatCouldNotStartSaysWhatAShellWould(SpawnFailureKind kind) {
        var failure = ProcessMapper.outcome(new ExitOutcome.SpawnFailed(kind, 2, "no such file"))
                .getSpawnFailure();

        assertThat(failure.getKind().name()).isEqualTo("SPAWN_FAILURE_KIND_" + kind.name());
        assertThat(failure.getShellCode()).isEqualTo(kind == SpawnFailureKind.NOT_FOUND ? 127 : 126);
        assertThat(failure.getErrno()).isEqualTo(2);
        assertThat(failure.getMessage()).isEqualTo("no such file");
    }

    @ParameterizedTest
    @EnumSource(DrainState.class)
    void drainStatesHaveTheirNames(DrainState state) {
        assertThat(ProcessMapper.drainState(state).name()).isEqualTo("DRAIN_STATE_" + state.name());
    }

    @Test
    void theEndHoldsBytesTimesAndOutcome() {
        var at = Instant.ofEpochSecond(5, 6);
        var exited = ProcessMapper.exited(new ProcessExit(
                new ExitOutcome.Code(255),
                10,
                20,
                DrainState.HELD,
                true,
                at,
                new PhaseTimes(Duration.ofNanos(1), Duration.ofNanos(2), Duration.ofNanos(3), Duration.ofNanos(4))));

        assertThat(exited.getOutcome().getCode()).isEqualTo(255);
        assertThat(exited.getStdoutBytes()).isEqualTo(10);
        assertThat(exited.getStderrBytes()).isEqualTo(20);
        assertThat(exited.getOomKilled()).isTrue();
        assertThat(exited.getExitedAt()).isEqualTo(Times.timestamp(at));
        assertThat(exited.getTimes().getQueued()).isEqualTo(Times.duration(Duration.ofNanos(1)));
        assertThat(exited.getTimes().getStarting()).isEqualTo(Times.duration(Duration.ofNanos(2)));
        assertThat(exited.getTimes().getRunning()).isEqualTo(Times.duration(Duration.ofNanos(3)));
        assertThat(exited.getTimes().getDraining()).isEqualTo(Times.duration(Duration.ofNanos(4)));
    }

    @Test
    void aProcessThatNeverRanHasNoTimeOfItsEnd() {
        var exit = ProcessExit.notStarted(new ExitOutcome.SpawnFailed(SpawnFailureKind.OTHER, 0, "x"), PhaseTimes.NONE);

        assertThat(ProcessMapper.exited(exit).hasExitedAt()).isFalse();
    }

    @Test
    void bytesAndGapsKeepTheirPlace() {
        var chunk = ProcessMapper.chunk(42, new byte[] {0, -1});
        var gap = ProcessMapper.gap(OutputKind.STDERR, 1, 9, GapCause.READER_TOO_SLOW);

        assertThat(chunk.getOffset()).isEqualTo(42);
        assertThat(chunk.getData().toByteArray()).containsExactly(0, -1);
        assertThat(gap.getStream()).isEqualTo(OutputStream.OUTPUT_STREAM_STDERR);
        assertThat(gap.getFrom()).isEqualTo(1);
        assertThat(gap.getTo()).isEqualTo(9);
    }
}
