package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerResponse.FrameCase;
import dev.hawse.api.runtime.v1.RunContainerStart;
import dev.hawse.api.runtime.v1.SpawnFailureKind;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Signal;
import dev.hawse.testing.FakeProcess;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunCallTest {

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
    }

    @AfterEach
    void close() {
        runtime.release();
        api.close();
    }

    private RawCall<RunContainerRequest, RunContainerResponse> call() {
        return RawCall.open(api.channel, ContainerServiceGrpc.getRunContainerMethod());
    }

    private static RunContainerRequest start(UnaryOperator<RunContainerStart.Builder> change, String... args) {
        var frame = RunContainerRequest.newBuilder();
        frame.getStartBuilder()
                .getSpecBuilder()
                .setImage("busybox")
                .setName("box")
                .addAllArgs(Arrays.asList(args));
        frame.getStartBuilder().getSpecBuilder().getIoBuilder().setStdin(true);
        return frame.setStart(change.apply(frame.getStartBuilder())).build();
    }

    private static RunContainerRequest start(String... args) {
        return start(s -> s, args);
    }

    private static RunContainerRequest stdin(String text) {
        return RunContainerRequest.newBuilder()
                .setStdin(ByteString.copyFromUtf8(text))
                .build();
    }

    /** Takes the frames up to the start, and answers the main process. */
    private FakeProcess begun(RawCall<RunContainerRequest, RunContainerResponse> call) {
        var id = call.next().getCreated().getContainer().getId();
        assertThat(call.next().hasStarted()).isTrue();
        return runtime.mainProcess(new ContainerId(id));
    }

    private FakeProcess mainProcess() {
        var box = api.containers()
                .getContainer(
                        GetContainerRequest.newBuilder().setContainer("box").build());
        return runtime.mainProcess(new ContainerId(box.getContainer().getId()));
    }

    private int containers() {
        return api.containers()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersCount();
    }

    private static List<FrameCase> cases(List<RunContainerResponse> frames) {
        return frames.stream().map(RunContainerResponse::getFrameCase).toList();
    }

    @Test
    void createdThenStartedThenOutputThenExited() {
        var frames = call().send(start("echo", "hello")).rest();
        assertThat(cases(frames))
                .containsExactly(FrameCase.CREATED, FrameCase.STARTED, FrameCase.STDOUT, FrameCase.EXITED);
        assertThat(frames.getFirst().getCreated().getContainer().getName()).isEqualTo("box");
        assertThat(frames.get(2).getStdout().getData().toStringUtf8()).isEqualTo("hello\n");
        assertThat(containers()).isEqualTo(1);
    }

    @Test
    void containerIsGoneWhenItsEndIsTold() {
        var call = call().send(start(s -> s.setRemove(true), "hold"));
        var process = begun(call);
        process.end(new ExitOutcome.Code(4));
        assertThat(call.next().getExited().getOutcome().getCode()).isEqualTo(4);
        assertThat(containers()).isZero();
    }

    @Test
    void containerIsRemovedAtItsEndThoughNobodyWatches() {
        var call = call().send(start(s -> s.setRemove(true), "hold"));
        var process = begun(call);
        call.cancel();
        await().until(() -> process.sessions() == 0);
        assertThat(process.running()).isTrue();
        process.end(new ExitOutcome.Code(0));
        await().until(() -> containers() == 0);
    }

    @Test
    void detachedCallEndsWithStarted() {
        var frames = call().send(start(s -> s.setDetach(true), "hold")).rest();
        assertThat(cases(frames)).containsExactly(FrameCase.CREATED, FrameCase.STARTED);
        assertThat(mainProcess().running()).isTrue();
    }

    @Test
    void detachedContainerIsRemovedAtItsEnd() {
        call().send(start(s -> s.setDetach(true).setRemove(true), "hold")).rest();
        mainProcess().end(new ExitOutcome.Code(0));
        await().until(() -> containers() == 0);
    }

    @Test
    void callerThatLeavesLeavesTheContainerAlone() {
        var call = call().send(start("hold"));
        var process = begun(call);
        call.cancel();
        await().until(() -> process.sessions() == 0);
        assertThat(process.running()).isTrue();
        assertThat(process.inputEnds()).isZero();
    }

    @Test
    void callerThatLeavesTakesTheContainerAlongIfItAskedSo() {
        var call = call().send(start(s -> s.setKillOnDisconnect(true), "hold"));
        var process = begun(call);
        call.cancel();
        assertThat(process.exit().join().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void callerThatLeavesDuringTheStartTakesTheContainerAlongToo() {
        runtime.hold();
        var call = call().send(start(s -> s.setKillOnDisconnect(true).setRemove(true), "hold"));
        await().until(() -> runtime.waiting() == 1);
        var process = mainProcess();
        call.cancel();
        await().until(() -> api.openCalls.count() == 0);
        runtime.release();
        assertThat(process.exit().join().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
        await().until(() -> containers() == 0);
    }

    @Test
    void callerThatBreaksTheRulesTakesTheContainerAlongIfItAskedSo() {
        var call = call().send(start(s -> s.setKillOnDisconnect(true), "hold"));
        var process = begun(call);
        call.send(start("hold")).failsWith(Reason.PROTOCOL_VIOLATION);
        assertThat(process.exit().join().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void programThatCannotBeExecutedGivesExitedWithoutStarted() {
        var frames = call().send(start("no-such-program")).rest();
        assertThat(cases(frames)).containsExactly(FrameCase.CREATED, FrameCase.EXITED);
        var failure = frames.getLast().getExited().getOutcome().getSpawnFailure();
        assertThat(failure.getKind()).isEqualTo(SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_FOUND);
        assertThat(failure.getShellCode()).isEqualTo(127);
        assertThat(failure.getMessage()).contains("no-such-program");
        assertThat(containers()).isEqualTo(1);
    }

    @Test
    void programThatCannotBeExecutedLeavesNothingWhenTheContainerIsToBeRemoved() {
        call().send(start(s -> s.setRemove(true), "no-such-program")).rest();
        assertThat(containers()).isZero();
    }

    @Test
    void halfCloseEndsTheInput() {
        var frames = call().send(start("cat")).send(stdin("bytes")).halfClose().rest();
        assertThat(frames.get(2).getStdout().getData().toStringUtf8()).isEqualTo("bytes");
        assertThat(frames.getLast().hasExited()).isTrue();
    }

    @Test
    void gapIsTold() {
        var call = call().send(start("hold"));
        var process = begun(call);
        process.gap(OutputKind.STDERR, 5, 10);
        var gap = call.next().getGap();
        assertThat(gap.getFrom()).isEqualTo(5);
        assertThat(gap.getTo()).isEqualTo(10);
        process.end(new ExitOutcome.Code(0));
        assertThat(call.rest()).hasSize(1);
    }

    @Test
    void rulesOfTheFirstFrameHold() {
        call().send(stdin("x")).failsWith(Reason.PROTOCOL_VIOLATION);
        call().send(RunContainerRequest.getDefaultInstance()).failsWith(Reason.PROTOCOL_VIOLATION);
        call().halfClose().failsWith(Reason.PROTOCOL_VIOLATION);
        assertThat(containers()).isZero();
    }

    @Test
    void containerThatCannotBeCreatedEndsTheCall() {
        api.create("box", "hold");
        call().send(start("hold")).failsWith(Reason.NAME_IN_USE);
        var unknown = start("hold").toBuilder();
        unknown.getStartBuilder().getSpecBuilder().setImage("nothing").setName("other");
        call().send(unknown.build()).failsWith(Reason.IMAGE_NOT_FOUND);
    }
}
