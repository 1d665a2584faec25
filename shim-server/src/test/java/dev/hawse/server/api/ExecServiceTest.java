package dev.hawse.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.AttachExecResponse.FrameCase;
import dev.hawse.api.runtime.v1.Exec;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.ExecState;
import dev.hawse.api.runtime.v1.FromOldest;
import dev.hawse.api.runtime.v1.GetExecRequest;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.OutputOffsets;
import dev.hawse.api.runtime.v1.RunExecRequest;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.SignalScope;
import dev.hawse.api.runtime.v1.StartExecRequest;
import dev.hawse.api.runtime.v1.StartExecResponse;
import dev.hawse.api.runtime.v1.TerminalSize;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Signal;
import dev.hawse.testing.FakeProcess;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are started, left, found again and shared. */
@Timeout(60)
class ExecServiceTest {

    @TempDir
    private Path state;

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = ApiFixture.in(state, runtime);
        api.run("box");
    }

    @AfterEach
    void close() {
        runtime.release();
        api.close();
    }

    private void restartServer() throws IOException {
        api.close();
        api = ApiFixture.in(state, runtime);
    }

    private ExecServiceGrpc.ExecServiceBlockingStub execs() {
        return ExecServiceGrpc.newBlockingStub(api.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static ExecStart.Builder command(String... args) {
        return ExecStart.newBuilder().setContainer("box").addAllArgs(Arrays.asList(args));
    }

    private StartExecResponse start(ExecStart.Builder start) {
        return execs().startExec(StartExecRequest.newBuilder().setStart(start).build());
    }

    private Exec get(String id) {
        return execs().getExec(GetExecRequest.newBuilder().setExecId(id).build())
                .getExec();
    }

    private FakeProcess process(String id) {
        return runtime.process(new ExecId(id));
    }

    private RawCall<AttachExecRequest, AttachExecResponse> attach(
            String id, Consumer<dev.hawse.api.runtime.v1.AttachExecStart.Builder> how) {
        var start = AttachExecRequest.newBuilder();
        how.accept(start.getStartBuilder().setExecId(id));
        return RawCall.open(api.channel, ExecServiceGrpc.getAttachExecMethod()).send(start.build());
    }

    private RawCall<AttachExecRequest, AttachExecResponse> attached(
            String id, Consumer<dev.hawse.api.runtime.v1.AttachExecStart.Builder> how) {
        var call = attach(id, how);
        assertThat(call.next().hasAttached()).isTrue();
        return call;
    }

    private static AttachExecRequest stdin(String text) {
        return AttachExecRequest.newBuilder()
                .setStdin(ByteString.copyFromUtf8(text))
                .build();
    }

    private static String out(List<AttachExecResponse> frames) {
        return frames.stream().map(f -> f.getStdout().getData().toStringUtf8()).reduce("", String::concat);
    }

    private static void print(FakeProcess process, String text) {
        process.write(OutputKind.STDOUT, text.getBytes(UTF_8));
    }

    // RunExec

    @Test
    void runAnswersWithAllThatWasWritten() {
        var answer = execs().runExec(RunExecRequest.newBuilder()
                .setStart(command("echo", "hello"))
                .build());
        assertThat(answer.getStdout().toStringUtf8()).isEqualTo("hello\n");
        assertThat(answer.getStdoutTruncated()).isFalse();
        assertThat(answer.getExited().getOutcome().getCode()).isZero();
        assertThat(get(answer.getExecId()).getState()).isEqualTo(ExecState.EXEC_STATE_EXITED);
    }

    @Test
    void runGivesItsInputToTheEnd() {
        var answer = execs().runExec(RunExecRequest.newBuilder()
                .setStart(command("cat"))
                .setStdin(ByteString.copyFromUtf8("to and fro"))
                .build());
        assertThat(answer.getStdout().toStringUtf8()).isEqualTo("to and fro");
    }

    @Test
    void runDropsWhatIsBeyondTheCapAndSaysSo() {
        var answer = execs().runExec(RunExecRequest.newBuilder()
                .setStart(command("bytes", "100000"))
                .setMaxOutput(1000)
                .build());
        assertThat(answer.getStdout().size()).isEqualTo(1000);
        assertThat(answer.getStdoutTruncated()).isTrue();
        assertThat(answer.getStderrTruncated()).isFalse();
        assertThat(answer.getExited().getStdoutBytes()).isEqualTo(100_000);
    }

    @Test
    void runOfAMissingProgramIsAResultWithoutAnId() {
        var answer = execs().runExec(RunExecRequest.newBuilder()
                .setStart(command("nonsense"))
                .build());
        assertThat(answer.getExecId()).isEmpty();
        assertThat(answer.getExited().getOutcome().getSpawnFailure().getShellCode())
                .isEqualTo(127);
    }

    @Test
    void runIsKilledWhenItsCallerLeaves() {
        var call = RawCall.open(api.channel, ExecServiceGrpc.getRunExecMethod())
                .send(RunExecRequest.newBuilder().setStart(command("hold")).build())
                .halfClose();
        await().until(() -> runtime.executed() == 1);
        call.cancel();
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
        assertThat(runtime.lastExec().scopes()).containsExactly(dev.hawse.runtime.SignalScope.TREE);
    }

    @Test
    void runRefusesWhatItCannotDo() {
        invalid("max_output", r -> r.setMaxOutput(17 << 20));
        invalid("max_output", r -> r.setMaxOutput(-1));
        invalid("stdin", r -> r.setStdin(ByteString.copyFrom(new byte[(3 << 20) + 1])));
        invalid("on_disconnect", r -> r.getStartBuilder().getOnDisconnectBuilder());
    }

    private void invalid(String field, Consumer<RunExecRequest.Builder> with) {
        var request = RunExecRequest.newBuilder().setStart(command("echo"));
        with.accept(request);
        assertThat(Invalid.fields(() -> execs().runExec(request.build()))).containsExactly(field);
    }

    // Validation of what is executed

    @Test
    void everyFieldOfACommandIsCheckedByName() {
        refused("timeout", s -> s.setTimeout(Duration.getDefaultInstance()));
        refused("timeout", s -> s.setTimeout(seconds(366L * 86400)));
        refused("timeout", s -> s.setTimeout(seconds(-1)));
        refused("kill_after", s -> s.setKillAfter(seconds(-1)));
        refused("kill_after", s -> s.setKillAfter(seconds(3601)));
        refused("drain.at_most", s -> s.getDrainBuilder().setAtMost(seconds(3601)));
        refused(
                "on_disconnect.detach.ttl",
                s -> s.getOnDisconnectBuilder()
                        .getDetachBuilder()
                        .setTtl(Duration.newBuilder().setNanos(5)));
        refused("output.history", s -> s.getOutputBuilder().setHistory((64L << 20) + 1));
        refused(
                "output.block.window",
                s -> s.getOutputBuilder().getBlockBuilder().setWindow(100));
        refused("output.ring.bytes", s -> s.getOutputBuilder().getRingBuilder().setBytes(65L << 20));
        refused(
                "output.spill.bytes",
                s -> s.getOutputBuilder().getSpillBuilder().setBytes(-1));
        refused("request_id", s -> s.setRequestId("x".repeat(129)));
        refused("args", s -> s.clearArgs());
        refused("container", s -> s.clearContainer());
        assertThat(runtime.executed()).isZero();
    }

    private void refused(String field, Consumer<ExecStart.Builder> with) {
        var start = command("echo");
        with.accept(start);
        assertThat(Invalid.fields(() -> start(start))).containsExactly(field);
    }

    private static Duration seconds(long seconds) {
        return Duration.newBuilder().setSeconds(seconds).build();
    }

    // StartExec, GetExec, ListExecs

    @Test
    void startedCommandGoesOnWithNobodyAttached() {
        var exec = start(command("hold")).getExec();
        assertThat(exec.getState()).isEqualTo(ExecState.EXEC_STATE_RUNNING);
        assertThat(exec.getPid()).isPositive();
        assertThat(exec.getViewers()).isZero();
        assertThat(exec.getOnDisconnect().hasDetach()).isTrue();
        assertThat(exec.getOutput().getHistory()).isEqualTo(1 << 20);
        process(exec.getId()).end(new ExitOutcome.Code(3));
        assertThat(get(exec.getId()).getExited().getOutcome().getCode()).isEqualTo(3);
        assertThat(get(exec.getId()).getPid()).isZero();
    }

    @Test
    void startOfAMissingProgramIsAResult() {
        var exec = start(command("nonsense")).getExec();
        assertThat(exec.getState()).isEqualTo(ExecState.EXEC_STATE_EXITED);
        assertThat(exec.getExited().getOutcome().hasSpawnFailure()).isTrue();
        assertThat(exec.hasStartedAt()).isFalse();
    }

    @Test
    void commandIsFoundByAUniquePrefixOfItsId() {
        var id = start(command("hold")).getExec().getId();
        assertThat(get(id.substring(0, 12)).getId()).isEqualTo(id);
        ApiFixture.fails(Reason.EXEC_NOT_FOUND, () -> get("zzz"));
        ApiFixture.fails(Reason.EXEC_NOT_FOUND, () -> get("0".repeat(64)));
        assertThat(Invalid.fields(() -> get(""))).containsExactly("exec_id");
    }

    @Test
    void commandsAreListedNewestFirstInPages() {
        var ids = IntStream.range(0, 5)
                .mapToObj(_ -> start(command("hold")).getExec().getId())
                .toList();
        process(ids.getFirst()).end(new ExitOutcome.Code(0));
        var request = ListExecsRequest.newBuilder().setContainer("box").setPageSize(2);
        var first = execs().listExecs(request.build());
        assertThat(first.getExecsList()).extracting(Exec::getId).containsExactly(ids.get(4), ids.get(3));
        var second =
                execs().listExecs(request.setPageToken(first.getNextPageToken()).build());
        assertThat(second.getExecsList()).extracting(Exec::getId).containsExactly(ids.get(2), ids.get(1));
        var ended = execs().listExecs(ListExecsRequest.newBuilder()
                .addStates(ExecState.EXEC_STATE_EXITED)
                .build());
        assertThat(ended.getExecsList()).extracting(Exec::getId).containsExactly(ids.getFirst());
    }

    // SignalExec

    @Test
    void signalReachesTheProcessOrItsTree() {
        var id = start(command("hold")).getExec().getId();
        process(id).ignore(Signal.TERM);
        signal(id, "TERM", SignalScope.SIGNAL_SCOPE_UNSPECIFIED);
        signal(id, "9", SignalScope.SIGNAL_SCOPE_TREE);
        assertThat(process(id).scopes())
                .containsExactly(dev.hawse.runtime.SignalScope.PROCESS, dev.hawse.runtime.SignalScope.TREE);
        // One that has ended is no error.
        signal(id, "TERM", SignalScope.SIGNAL_SCOPE_PROCESS);
        ApiFixture.fails(Reason.EXEC_NOT_FOUND, () -> signal("abc", "TERM", SignalScope.SIGNAL_SCOPE_PROCESS));
        assertThat(Invalid.fields(() -> signal(id, "NOPE", SignalScope.SIGNAL_SCOPE_PROCESS)))
                .containsExactly("signal.signal");
        assertThat(Invalid.fields(() -> signal(id, "", SignalScope.SIGNAL_SCOPE_PROCESS)))
                .containsExactly("signal.signal");
    }

    private void signal(String id, String signal, SignalScope scope) {
        var request = SignalExecRequest.newBuilder().setExecId(id);
        request.getSignalBuilder().setSignal(signal).setScope(scope);
        var _ = execs().signalExec(request.build());
    }

    @Test
    void signalIsPossibleWhileInputIsBlocked() {
        var call = RawCall.open(api.channel, ExecServiceGrpc.getExecMethod())
                .send(ExecRequest.newBuilder()
                        .setStart(command("hold")
                                .setIo(dev.hawse.api.runtime.v1.ProcessIo.newBuilder()
                                        .setStdin(true)))
                        .build());
        var id = call.next().getStarted().getExecId();
        call.send(ExecRequest.newBuilder()
                .setStdin(ByteString.copyFromUtf8("nobody reads this"))
                .build());
        signal(id, "KILL", SignalScope.SIGNAL_SCOPE_TREE);
        assertThat(call.rest().getLast().getExited().getOutcome().getSignal()).isEqualTo(9);
    }

    // AttachExec

    @Test
    void viewersGetTheSameBytesFromWhereTheyAsk() {
        var id = start(command("hold")).getExec().getId();
        print(process(id), "0123456789");
        var oldest = attached(id, a -> a.setOldest(FromOldest.getDefaultInstance()));
        var middle = attached(id, a -> a.setOffsets(OutputOffsets.newBuilder().setStdout(4)));
        var now = attached(id, a -> {});
        assertThat(get(id).getViewers()).isEqualTo(3);
        print(process(id), "abc");
        process(id).end(new ExitOutcome.Code(0));
        assertThat(out(oldest.rest())).isEqualTo("0123456789abc");
        assertThat(out(middle.rest())).isEqualTo("456789abc");
        assertThat(out(now.rest())).isEqualTo("abc");
        await().until(() -> get(id).getViewers() == 0);
    }

    @Test
    void outputOfACommandThatHasEndedIsStillThere() {
        var id = start(command("echo", "kept")).getExec().getId();
        var frames =
                attached(id, a -> a.setOldest(FromOldest.getDefaultInstance())).rest();
        assertThat(out(frames)).isEqualTo("kept\n");
        assertThat(frames.getLast().getExited().getOutcome().getCode()).isZero();
    }

    @Test
    void offsetThatIsNotThereIsRefusedWithWhatIs() {
        var id = start(command("hold")).getExec().getId();
        print(process(id), "0123456789");
        var call = attach(id, a -> a.setOffsets(OutputOffsets.newBuilder().setStdout(11)));
        call.failsWith(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(ApiFixture.errorInfo(call.end()).getMetadataMap())
                .containsEntry("oldest_stdout", "0")
                .containsEntry("head_stdout", "10");
        assertThat(get(id).getViewers()).isZero();
    }

    @Test
    void seventeenthViewerIsRefused() {
        var id = start(command("hold")).getExec().getId();
        var first = attached(id, a -> {});
        for (int i = 1; i < 16; i++) {
            attached(id, a -> {});
        }
        attach(id, a -> {}).failsWith(Reason.LIMIT_REACHED);
        first.cancel();
        await().until(() -> get(id).getViewers() == 15);
        attached(id, a -> {});
    }

    @Test
    void viewerWithoutTheWritersPartGivesNoInput() {
        var id = start(interactive("cat")).getExec().getId();
        var viewer = attached(id, a -> {});
        viewer.send(stdin("x")).failsWith(Reason.PROTOCOL_VIOLATION);
        var other = attached(id, a -> {});
        other.send(AttachExecRequest.newBuilder()
                        .setResize(TerminalSize.newBuilder().setColumns(10).setRows(10))
                        .build())
                .failsWith(Reason.PROTOCOL_VIOLATION);
        assertThat(get(id).getState()).isEqualTo(ExecState.EXEC_STATE_RUNNING);
    }

    @Test
    void oneCallerWritesAndTheNextTakesOver() {
        var id = start(interactive("cat")).getExec().getId();
        var first = attached(id, a -> a.setStdin(true));
        first.send(stdin("one "));
        await().until(() -> get(id).getHead().getStdout() == 4);
        assertThat(get(id).getHasWriter()).isTrue();
        attach(id, a -> a.setStdin(true)).failsWith(Reason.WRITER_TAKEN);
        var second = attached(id, a -> a.setStdin(true).setTakeOver(true));
        await().until(() -> first.pending() == 2);
        assertThat(first.next().hasStdout()).isTrue();
        assertThat(first.next().getFrameCase()).isEqualTo(FrameCase.WRITER_LOST);
        // What was on its way is dropped, and its caller goes on reading.
        first.send(stdin("lost "));
        second.send(stdin("two"));
        await().until(() -> get(id).getHead().getStdout() == 7);
        process(id).end(new ExitOutcome.Code(0));
        assertThat(out(first.rest())).isEqualTo("two");
        assertThat(out(second.rest())).isEqualTo("two");
    }

    @Test
    void inputIsFreeWhenItsWriterLeaves() {
        var id = start(interactive("cat")).getExec().getId();
        var first = attached(id, a -> a.setStdin(true));
        first.cancel();
        await().until(() -> !get(id).getHasWriter());
        attached(id, a -> a.setStdin(true)).send(stdin("x"));
        await().until(() -> get(id).getHead().getStdout() == 1);
    }

    @Test
    void attachingRefusesWhatMeansNothing() {
        var id = start(command("hold")).getExec().getId();
        assertThat(invalidFields(attach(id, a -> a.setStdin(true)))).containsExactly("stdin");
        assertThat(invalidFields(attach(id, a -> a.setTakeOver(true)))).containsExactly("take_over");
        assertThat(invalidFields(attach(
                        id,
                        a -> a.setSize(TerminalSize.newBuilder().setColumns(1).setRows(1)))))
                .containsExactly("size");
        assertThat(invalidFields(attach(id, a -> a.getOffsetsBuilder().setStdout(-1))))
                .containsExactly("offsets.stdout");
        attach("abc", a -> {}).failsWith(Reason.EXEC_NOT_FOUND);
    }

    private static List<String> invalidFields(RawCall<?, ?> call) {
        return Invalid.fields(() -> {
            throw call.end();
        });
    }

    private static ExecStart.Builder interactive(String... args) {
        var start = command(args);
        start.getIoBuilder().setStdin(true);
        return start;
    }

    // Timeouts and callers who leave

    @Test
    void commandIsEndedWhenItsTimeIsOver() {
        var call = exec(command("hold").setTimeout(Duration.newBuilder().setNanos(50_000_000)));
        var exited = call.rest().getLast().getExited();
        assertThat(exited.getOutcome().getSignal()).isEqualTo(15);
        assertThat(exited.getTimedOut()).isTrue();
        assertThat(runtime.lastExec().scopes()).containsExactly(dev.hawse.runtime.SignalScope.TREE);
    }

    @Test
    void commandThatIgnoresTheEndOfItsTimeIsKilled() {
        var call = exec(command("hold")
                .setTimeout(Duration.newBuilder().setNanos(300_000_000))
                .setKillAfter(Duration.newBuilder().setNanos(50_000_000)));
        call.next();
        runtime.lastExec().ignore(Signal.TERM);
        var exited = call.rest().getLast().getExited();
        assertThat(exited.getOutcome().getSignal()).isEqualTo(9);
        assertThat(exited.getTimedOut()).isTrue();
        assertThat(runtime.lastExec().signals()).containsExactly(Signal.TERM, Signal.KILL);
    }

    @Test
    void commandThatEndsInTimeIsNotTouched() {
        var exited =
                exec(command("echo").setTimeout(seconds(60))).rest().getLast().getExited();
        assertThat(exited.getTimedOut()).isFalse();
        assertThat(runtime.lastExec().signals()).isEmpty();
    }

    @Test
    void hangUpComesBeforeTheKill() {
        var start = command("hold").setKillAfter(Duration.newBuilder().setNanos(50_000_000));
        start.getOnDisconnectBuilder().getHangupBuilder();
        var call = exec(start);
        call.next();
        runtime.lastExec().ignore(new Signal(1));
        call.cancel();
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
        assertThat(runtime.lastExec().signals()).containsExactly(new Signal(1), Signal.KILL);
    }

    @Test
    void leftCommandIsAttachedAgain() {
        var start = command("hold");
        start.getOnDisconnectBuilder().getDetachBuilder();
        var call = exec(start);
        var id = call.next().getStarted().getExecId();
        call.cancel();
        await().until(() -> get(id).getViewers() == 0);
        print(process(id), "meanwhile");
        var again = attached(id, a -> a.setOldest(FromOldest.getDefaultInstance()));
        process(id).end(new ExitOutcome.Code(0));
        assertThat(out(again.rest())).isEqualTo("meanwhile");
    }

    @Test
    void leftCommandIsKilledWhenNobodyComesBackInTime() {
        var start = command("hold");
        start.getOnDisconnectBuilder().getDetachBuilder().setTtl(seconds(1));
        var call = exec(start);
        call.next();
        call.cancel();
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void lastCallerWhoLeavesCounts() {
        var call = exec(command("hold"));
        var id = call.next().getStarted().getExecId();
        var other = attached(id, a -> {});
        call.cancel();
        await().until(() -> get(id).getViewers() == 1);
        assertThat(process(id).running()).isTrue();
        other.cancel();
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    private RawCall<ExecRequest, ExecResponse> exec(ExecStart.Builder start) {
        return RawCall.open(api.channel, ExecServiceGrpc.getExecMethod())
                .send(ExecRequest.newBuilder().setStart(start).build());
    }

    // Request ids

    @Test
    void sameRequestAgainStartsNothing() {
        var first = start(command("hold").setRequestId("r1"));
        var second = start(command("hold").setRequestId("r1"));
        assertThat(first.getExisting()).isFalse();
        assertThat(second.getExisting()).isTrue();
        assertThat(second.getExec().getId()).isEqualTo(first.getExec().getId());
        assertThat(runtime.executed()).isEqualTo(1);
        ApiFixture.fails(
                Reason.REQUEST_ID_REUSED, () -> start(command("hold", "x").setRequestId("r1")));
    }

    @Test
    void sameRequestOnAStreamGetsTheOutputFromItsFirstByte() {
        var first = exec(command("echo", "once").setRequestId("r1")).rest();
        var second = exec(command("echo", "once").setRequestId("r1")).rest();
        assertThat(second.getFirst().getStarted().getExisting()).isTrue();
        assertThat(second.get(1).getStdout()).isEqualTo(first.get(1).getStdout());
        assertThat(second.getLast()).isEqualTo(first.getLast());
        assertThat(runtime.executed()).isEqualTo(1);
    }

    @Test
    void manyAtOnceWithOneRequestIdRunOneCommand() {
        var answers = IntStream.range(0, 50)
                .mapToObj(_ -> CompletableFuture.supplyAsync(() -> execs().runExec(RunExecRequest.newBuilder()
                        .setStart(command("echo", "one").setRequestId("same"))
                        .build())))
                .toList();
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer)
                        .succeedsWithin(java.time.Duration.ofSeconds(30))
                        .satisfies(a -> assertThat(a.getStdout().toStringUtf8()).isEqualTo("one\n")));
        assertThat(runtime.executed()).isEqualTo(1);
    }

    @Test
    void requestThatCameToNothingMayBeMadeAgain() {
        api.create("idle", "hold");
        var start = command("echo").setContainer("idle").setRequestId("r1");
        ApiFixture.fails(Reason.CONTAINER_STATE, () -> start(start));
        ApiFixture.fails(Reason.CONTAINER_STATE, () -> start(start));
        assertThat(execs().listExecs(ListExecsRequest.getDefaultInstance()).getExecsList())
                .isEmpty();
    }

    // A new server

    @Test
    void leftCommandIsFoundAgainByTheNextServer() throws IOException {
        var id = start(command("hold").setTimeout(seconds(3600)).setRequestId("r1"))
                .getExec()
                .getId();
        print(process(id), "before ");
        restartServer();
        var exec = get(id);
        assertThat(exec.getState()).isEqualTo(ExecState.EXEC_STATE_RUNNING);
        assertThat(exec.getPid()).isEqualTo(process(id).pid());
        assertThat(exec.hasTimesOutAt()).isTrue();
        assertThat(exec.getHead().getStdout()).isEqualTo(7);
        var viewer = attached(id, a -> a.setOldest(FromOldest.getDefaultInstance()));
        print(process(id), "after");
        process(id).end(new ExitOutcome.Code(4));
        var frames = viewer.rest();
        assertThat(out(frames)).isEqualTo("before after");
        assertThat(frames)
                .anySatisfy(f -> assertThat(f.getGap().getCause())
                        .isEqualTo(dev.hawse.api.runtime.v1.OutputGapCause.OUTPUT_GAP_CAUSE_SERVER_KILLED));
        assertThat(frames.getLast().getExited().getPossibleGap()).isTrue();
        assertThat(start(command("hold").setTimeout(seconds(3600)).setRequestId("r1"))
                        .getExec()
                        .getId())
                .isEqualTo(id);
        assertThat(runtime.executed()).isEqualTo(1);
    }

    @Test
    void commandThatEndedWhileNoServerRanHasItsTrueEnd() throws IOException {
        var id = start(command("hold")).getExec().getId();
        api.close();
        process(id).end(new ExitOutcome.Code(42));
        api = ApiFixture.in(state, runtime);
        assertThat(get(id).getExited().getOutcome().getCode()).isEqualTo(42);
    }

    @Test
    void recordAndOutputOfAnEndedCommandOutliveTheServer() throws IOException {
        var id = start(command("echo", "kept")).getExec().getId();
        restartServer();
        assertThat(get(id).getExited().getOutcome().hasCode()).isTrue();
        assertThat(get(id).getExited().getPossibleGap()).isFalse();
        assertThat(out(attached(id, a -> a.setOldest(FromOldest.getDefaultInstance()))
                        .rest()))
                .isEqualTo("kept\n");
    }

    @Test
    void commandOfACallerWhoWentWithTheServerIsEnded() throws IOException {
        var plain = exec(command("hold"));
        plain.next();
        var unwanted = runtime.lastExec();
        var durable = exec(command("hold").setRequestId("r1"));
        durable.next();
        var left = runtime.lastExec();
        unwanted.ignore(Signal.KILL);
        left.ignore(Signal.KILL);
        restartServer();
        await().untilAsserted(() -> assertThat(unwanted.signals()).hasSize(2));
        await().untilAsserted(() -> assertThat(left.signals()).hasSize(2));
    }
}
