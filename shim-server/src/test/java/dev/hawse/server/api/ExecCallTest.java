package dev.hawse.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecResponse.FrameCase;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.SpawnFailureKind;
import dev.hawse.api.runtime.v1.StdinEof;
import dev.hawse.api.runtime.v1.TerminalSize;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Signal;
import dev.hawse.testing.FakeRuntime;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ExecCallTest {

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;
    private int sentBefore;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
        api.run("box");
        sentBefore = api.sent();
    }

    @AfterEach
    void close() {
        runtime.release();
        api.close();
    }

    private RawCall<ExecRequest, ExecResponse> call() {
        return RawCall.open(api.channel, ExecServiceGrpc.getExecMethod());
    }

    private RawCall<ExecRequest, ExecResponse> slowCall() {
        return RawCall.slow(api.channel, ExecServiceGrpc.getExecMethod());
    }

    private static ExecRequest start(boolean stdin, String... args) {
        var frame = ExecRequest.newBuilder();
        frame.getStartBuilder().setContainer("box").addAllArgs(Arrays.asList(args));
        frame.getStartBuilder().getIoBuilder().setStdin(stdin);
        return frame.build();
    }

    private static ExecRequest startOnTerminal(String... args) {
        var frame = start(true, args).toBuilder();
        frame.getStartBuilder()
                .getIoBuilder()
                .setTerminal(true)
                .setSize(TerminalSize.newBuilder().setColumns(100).setRows(30));
        return frame.build();
    }

    private static ExecRequest stdin(String text) {
        return ExecRequest.newBuilder().setStdin(ByteString.copyFromUtf8(text)).build();
    }

    private static ExecRequest eof() {
        return ExecRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    private static ExecRequest resize(int columns, int rows) {
        return ExecRequest.newBuilder()
                .setResize(TerminalSize.newBuilder().setColumns(columns).setRows(rows))
                .build();
    }

    private static ExecRequest signal(String signal) {
        return ExecRequest.newBuilder()
                .setSignal(SignalFrame.newBuilder().setSignal(signal))
                .build();
    }

    private static String out(List<ExecResponse> frames) {
        var out = new ByteArrayOutputStream();
        frames.stream()
                .filter(ExecResponse::hasStdout)
                .forEach(f -> out.writeBytes(f.getStdout().getData().toByteArray()));
        return out.toString(UTF_8);
    }

    /** A command that runs until it is told to end, and takes no input. */
    private RawCall<ExecRequest, ExecResponse> holding() {
        var call = call().send(start(true, "hold"));
        assertThat(call.next().hasStarted()).isTrue();
        return call;
    }

    private void isKilled() {
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void startedThenOutputThenExactlyOneExited() {
        var frames = call().send(start(false, "echo", "hello")).rest();
        assertThat(frames)
                .extracting(ExecResponse::getFrameCase)
                .containsExactly(FrameCase.STARTED, FrameCase.STDOUT, FrameCase.EXITED);
        var started = frames.getFirst().getStarted();
        assertThat(started.getExecId()).matches("[0-9a-f]{64}");
        assertThat(started.getContainerId()).matches("[0-9a-f]{64}");
        assertThat(started.getPid()).isPositive();
        assertThat(frames.get(1).getStdout().getData().toStringUtf8()).isEqualTo("hello\n");
        assertThat(frames.get(2).getExited().getOutcome().getCode()).isZero();
        assertThat(frames.get(2).getExited().getStdoutBytes()).isEqualTo(6);
    }

    @Test
    void stderrHasFramesOfItsOwn() {
        var frames = call().send(start(false, "err", "oops")).rest();
        assertThat(frames.get(1).getStderr().getData().toStringUtf8()).isEqualTo("oops\n");
    }

    @Test
    void exitCodeIsAResult() {
        var frames = call().send(start(false, "exit", "255")).rest();
        assertThat(frames.getLast().getExited().getOutcome().getCode()).isEqualTo(255);
    }

    @Test
    void commandThatCannotBeStartedGivesExitedWithoutStarted() {
        var frames = call().send(start(false, "no-such-program")).rest();
        assertThat(frames).hasSize(1);
        var failure = frames.getFirst().getExited().getOutcome().getSpawnFailure();
        assertThat(failure.getKind()).isEqualTo(SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_FOUND);
        assertThat(failure.getShellCode()).isEqualTo(127);
    }

    @Test
    void firstFrameMustBeStart() {
        for (var frame : List.of(stdin("x"), eof(), resize(1, 1), signal("TERM"))) {
            assertThat(call().send(frame).failsWith(Reason.PROTOCOL_VIOLATION)).contains("first frame must be start");
        }
    }

    @Test
    void callThatEndsBeforeStartIsRefused() {
        assertThat(call().halfClose().failsWith(Reason.PROTOCOL_VIOLATION)).contains("start");
    }

    @Test
    void emptyFrameIsRefused() {
        call().send(ExecRequest.getDefaultInstance()).failsWith(Reason.PROTOCOL_VIOLATION);
    }

    @Test
    void secondStartEndsTheCallAndTheCommand() {
        var call = holding();
        call.send(start(false, "hold")).failsWith(Reason.PROTOCOL_VIOLATION);
        isKilled();
    }

    @Test
    void emptyFrameAfterStartedEndsTheCallWithoutExited() {
        var call = holding();
        call.send(ExecRequest.getDefaultInstance()).failsWith(Reason.PROTOCOL_VIOLATION);
        assertThat(call.pending()).isZero();
        isKilled();
    }

    @Test
    void inputForACommandWithoutInputIsRefused() {
        var call = call().send(start(false, "hold"));
        call.next();
        call.send(stdin("x")).failsWith(Reason.PROTOCOL_VIOLATION);
        isKilled();
    }

    @Test
    void inputAfterItsEndIsRefused() {
        var call = holding();
        call.send(eof()).send(stdin("x")).failsWith(Reason.PROTOCOL_VIOLATION);
    }

    @Test
    void frameOfInputBeyondOneMebibyteIsRefused() {
        var call = holding();
        var large = ByteString.copyFrom(new byte[(1 << 20) + 1]);
        var message =
                call.send(ExecRequest.newBuilder().setStdin(large).build()).failsWith(Reason.INVALID_FIELD);
        assertThat(message).contains("1048577").contains("1 MiB");
    }

    @Test
    void frameOfInputOfOneMebibyteIsTaken() {
        var call = call().send(start(true, "cat"));
        call.send(ExecRequest.newBuilder()
                .setStdin(ByteString.copyFrom(new byte[1 << 20]))
                .build());
        var frames = call.send(eof()).rest();
        assertThat(frames.getLast().getExited().getStdoutBytes()).isEqualTo(1 << 20);
    }

    @Test
    void emptyInputIsNoEnd() {
        var frames = call().send(start(true, "cat"))
                .send(stdin(""))
                .send(stdin("x"))
                .halfClose()
                .rest();
        assertThat(out(frames)).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL?", "0", "65", ""})
    void unknownSignalIsRefused(String signal) {
        holding().send(signal(signal)).failsWith(Reason.INVALID_FIELD);
        isKilled();
    }

    @Test
    void sizeOutsideOfWhatIsAllowedIsRefused() {
        for (var size : List.of(resize(0, 0), resize(65536, 1), resize(-1, 24))) {
            var call = call().send(startOnTerminal("hold"));
            call.next();
            call.send(size).failsWith(Reason.INVALID_FIELD);
        }
    }

    @Test
    void sizeWithoutTerminalIsRefusedAtTheStart() {
        var frame = start(false, "hold").toBuilder();
        frame.getStartBuilder()
                .getIoBuilder()
                .setSize(TerminalSize.newBuilder().setColumns(1).setRows(1));
        call().send(frame.build()).failsWith(Reason.INVALID_FIELD);
        assertThat(runtime.executed()).isZero();
    }

    @Test
    void unknownContainerEndsTheCall() {
        var frame = start(false, "hold").toBuilder();
        frame.getStartBuilder().setContainer("nowhere");
        call().send(frame.build()).failsWith(Reason.CONTAINER_NOT_FOUND);
    }

    @Test
    void commandInAContainerThatDoesNotRunIsRefused() {
        api.create("idle", "hold");
        var frame = start(false, "hold").toBuilder();
        frame.getStartBuilder().setContainer("idle");
        call().send(frame.build()).failsWith(Reason.CONTAINER_STATE);
    }

    @Test
    void resizesAndSignalsReachTheProcess() {
        var call = call().send(startOnTerminal("hold"));
        var frames = call.send(resize(120, 40)).send(signal("SIGTERM")).rest();
        assertThat(frames.getLast().getExited().getOutcome().getSignal()).isEqualTo(15);
        assertThat(runtime.lastExec().sizes()).containsExactly(new dev.hawse.runtime.TerminalSize(120, 40));
    }

    @Test
    void framesSentBeforeStartedAreDelivered() {
        runtime.hold();
        var call = call().send(start(true, "cat")).send(stdin("early ")).send(stdin("bird"));
        call.send(eof());
        await().until(() -> runtime.waiting() == 1);
        assertThat(call.pending()).isZero();
        runtime.release();
        assertThat(out(call.rest())).isEqualTo("early bird");
    }

    @Test
    void halfCloseBeforeStartedEndsTheInput() {
        runtime.hold();
        var call = call().send(start(true, "cat")).halfClose();
        await().until(() -> runtime.waiting() == 1);
        runtime.release();
        assertThat(call.rest().getLast().getExited().getOutcome().getCode()).isZero();
    }

    @Test
    void endOfInputIsToldOnce() {
        var call = call().send(startOnTerminal("hold"));
        call.next();
        call.send(eof()).send(eof()).send(resize(10, 10)).halfClose();
        await().until(() -> !runtime.lastExec().sizes().isEmpty());
        runtime.lastExec().end(new ExitOutcome.Code(0));
        call.rest();
        assertThat(runtime.lastExec().inputEnds()).isEqualTo(1);
    }

    @Test
    void inputIsAskedForAsTheProcessTakesIt() {
        var call = holding();
        call.awaitWanted();
        call.send(stdin("x"));
        // The end of another command comes after all that the server does by itself.
        call().send(start(false, "echo")).rest();
        assertThat(call.isWanted()).isFalse();
        runtime.firstExec().end(new ExitOutcome.Code(0));
        assertThat(call.rest().getLast().hasExited()).isTrue();
    }

    @Test
    void outputIsSentAsTheCallerTakesIt() {
        var call = slowCall().send(start(false, "bytes", "3000000"));
        var received = 0;
        var last = ExecResponse.getDefaultInstance();
        while (!last.hasExited()) {
            call.request(1);
            last = call.next();
            received++;
            assertThat(api.sent() - sentBefore - received).isBetween(0, 1);
        }
        assertThat(received).isGreaterThan(10);
        assertThat(last.getExited().getStdoutBytes()).isEqualTo(3_000_000);
    }

    @Test
    void offsetsHaveNoHoles() {
        var next = 0L;
        for (var frame : call().send(start(false, "bytes", "1000000")).rest()) {
            if (frame.hasStdout()) {
                assertThat(frame.getStdout().getOffset()).isEqualTo(next);
                next += frame.getStdout().getData().size();
            }
        }
        assertThat(next).isEqualTo(1_000_000);
    }

    @Test
    void endWaitsForOutputThatTheCallerHasNotTaken() {
        var call = slowCall().request(1).send(start(false, "bytes", "200000"));
        assertThat(call.next().hasStarted()).isTrue();
        assertThat(runtime.lastExec().running()).isFalse();
        var frames = call.requestAll().rest();
        assertThat(frames.getLast().hasExited()).isTrue();
        assertThat(out(frames)).hasSize(200_000);
    }

    @Test
    void cancelKillsTheCommand() {
        holding().cancel();
        isKilled();
        await().until(() -> runtime.lastExec().sessions() == 0);
    }

    @Test
    void cancelBeforeTheStartStartsNothing() {
        var call = call();
        call.cancel();
        call.end();
        call().send(start(false, "echo")).rest();
        assertThat(runtime.executed()).isEqualTo(1);
        await().until(() -> api.openCalls.count() == 0);
    }

    @Test
    void cancelWhileTheStartWaitsStartsNothing() {
        runtime.hold();
        var call = call().send(start(false, "hold"));
        await().until(() -> runtime.waiting() == 1);
        call.cancel();
        await().until(() -> runtime.waiting() == 0);
        runtime.release();
        call().send(start(false, "echo")).rest();
        assertThat(runtime.executed()).isEqualTo(1);
    }

    @Test
    void cancelAfterTheEndChangesNothing() {
        var call = call().send(start(false, "exit", "3"));
        assertThat(call.end().getStatus().getCode()).isEqualTo(Status.Code.OK);
        call.cancel();
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Code(3));
    }

    @Test
    void framesAfterTheEndAreForgotten() {
        var call = holding();
        runtime.lastExec().write(OutputKind.STDOUT, new byte[] {1});
        runtime.lastExec().end(new ExitOutcome.Lost("the test says so"));
        call.send(stdin("x")).send(eof());
        var frames = call.rest();
        assertThat(frames.getLast().getExited().getOutcome().getLost().getReason())
                .isEqualTo("the test says so");
        assertThat(frames).filteredOn(ExecResponse::hasExited).hasSize(1);
    }

    @Test
    void shutdownEndsTheCallWithItsReasonAndKillsTheCommand() {
        var call = holding();
        api.openCalls.endAll();
        call.failsWith(Reason.SHUTTING_DOWN);
        isKilled();
    }
}
