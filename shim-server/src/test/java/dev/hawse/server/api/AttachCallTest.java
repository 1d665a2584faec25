package dev.hawse.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.StdinEof;
import dev.hawse.api.runtime.v1.TerminalSize;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Reason;
import dev.hawse.testing.FakeProcess;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AttachCallTest {

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
    }

    @AfterEach
    void close() {
        api.close();
    }

    /** Starts a container, and answers its main process. */
    private FakeProcess run(boolean stdin, boolean terminal, String program) {
        var request = CreateContainerRequest.newBuilder();
        request.getSpecBuilder().setImage("busybox").setName("box").addArgs(program);
        request.getSpecBuilder().getIoBuilder().setStdin(stdin).setTerminal(terminal);
        var id =
                api.containers().createContainer(request.build()).getContainer().getId();
        api.containers()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainer(id).build());
        return runtime.mainProcess(new ContainerId(id));
    }

    private RawCall<AttachContainerRequest, AttachContainerResponse> call() {
        return RawCall.open(api.channel, ContainerServiceGrpc.getAttachContainerMethod());
    }

    private RawCall<AttachContainerRequest, AttachContainerResponse> attached(boolean stdin) {
        var call = call().send(start(stdin));
        assertThat(call.next().hasAttached()).isTrue();
        return call;
    }

    private static AttachContainerRequest start(boolean stdin) {
        var frame = AttachContainerRequest.newBuilder();
        frame.getStartBuilder().setContainer("box").setStdin(stdin);
        return frame.build();
    }

    private static AttachContainerRequest stdin(String text) {
        return AttachContainerRequest.newBuilder()
                .setStdin(ByteString.copyFromUtf8(text))
                .build();
    }

    private static AttachContainerRequest eof() {
        return AttachContainerRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    private static AttachContainerRequest resize(int columns, int rows) {
        return AttachContainerRequest.newBuilder()
                .setResize(TerminalSize.newBuilder().setColumns(columns).setRows(rows))
                .build();
    }

    @Test
    void everyViewerGetsEveryByteAndTheEnd() {
        var process = run(false, false, "hold");
        var viewers = Stream.generate(() -> attached(false)).limit(5).toList();
        process.write(OutputKind.STDOUT, "out".getBytes(UTF_8));
        process.write(OutputKind.STDERR, "err".getBytes(UTF_8));
        process.end(new ExitOutcome.Code(9));
        for (var viewer : viewers) {
            var frames = viewer.rest();
            assertThat(frames).hasSize(3);
            assertThat(frames.get(0).getStdout().getData().toStringUtf8()).isEqualTo("out");
            assertThat(frames.get(1).getStderr().getData().toStringUtf8()).isEqualTo("err");
            assertThat(frames.get(2).getExited().getOutcome().getCode()).isEqualTo(9);
        }
    }

    @Test
    void viewerIsToldWhatItIsAttachedTo() {
        run(true, true, "hold");
        var attached = call().send(start(false)).next().getAttached();
        assertThat(attached.getContainerId()).hasSize(64);
        assertThat(attached.getTerminal()).isTrue();
        assertThat(attached.getStdinOpen()).isTrue();
    }

    @Test
    void slowViewerHoldsNobodyBack() {
        var process = run(false, false, "hold");
        var slow = RawCall.slow(api.channel, ContainerServiceGrpc.getAttachContainerMethod())
                .request(1)
                .send(start(false));
        assertThat(slow.next().hasAttached()).isTrue();
        var quick = attached(false);
        for (var i = 0; i < 100; i++) {
            process.write(OutputKind.STDOUT, new byte[1000]);
        }
        process.end(new ExitOutcome.Code(0));
        assertThat(quick.rest()).hasSize(101);
        assertThat(slow.pending()).isZero();
        assertThat(slow.requestAll().rest()).hasSize(101);
    }

    @Test
    void readOnlyViewerMayNotGiveInput() {
        var process = run(true, false, "hold");
        for (var frame : List.of(stdin("x"), eof())) {
            assertThat(attached(false).send(frame).failsWith(Reason.PROTOCOL_VIOLATION))
                    .contains("stdin");
        }
        assertThat(process.running()).isTrue();
        assertThat(process.inputEnds()).isZero();
    }

    @Test
    void inputOfAContainerWithoutInputIsRefusedAtTheStart() {
        run(false, false, "hold");
        call().send(start(true)).failsWith(Reason.INVALID_FIELD);
    }

    @Test
    void inputReachesTheProcess() {
        run(true, false, "cat");
        var writer = attached(true);
        var viewer = attached(false);
        writer.send(stdin("shared")).send(eof());
        assertThat(viewer.rest().getFirst().getStdout().getData().toStringUtf8())
                .isEqualTo("shared");
        assertThat(writer.rest()).hasSize(2);
    }

    @Test
    void halfCloseDoesNotEndTheInput() {
        var process = run(true, false, "cat");
        var call = attached(true).send(stdin("a")).halfClose();
        assertThat(call.next().hasStdout()).isTrue();
        assertThat(process.inputEnds()).isZero();
        process.end(new ExitOutcome.Code(0));
        assertThat(call.rest()).hasSize(1);
    }

    @Test
    void rulesOfTheFirstFrameHold() {
        run(true, false, "hold");
        assertThat(call().send(stdin("x")).failsWith(Reason.PROTOCOL_VIOLATION)).contains("first frame");
        call().send(AttachContainerRequest.getDefaultInstance()).failsWith(Reason.PROTOCOL_VIOLATION);
        assertThat(call().halfClose().failsWith(Reason.PROTOCOL_VIOLATION)).contains("start");
        attached(true).send(start(true)).failsWith(Reason.PROTOCOL_VIOLATION);
    }

    @Test
    void sizeIsAppliedAtOnceAndLater() {
        var process = run(true, true, "hold");
        var sized = start(true).toBuilder();
        sized.getStartBuilder().setSize(TerminalSize.newBuilder().setColumns(99).setRows(33));
        var call = call().send(sized.build());
        assertThat(call.next().hasAttached()).isTrue();
        call.send(resize(100, 34));
        await().until(() -> process.sizes().size() == 2);
        assertThat(process.sizes())
                .containsExactly(
                        new dev.hawse.runtime.TerminalSize(99, 33), new dev.hawse.runtime.TerminalSize(100, 34));
    }

    @Test
    void sizeWithoutTerminalIsRefused() {
        run(true, false, "hold");
        var sized = start(true).toBuilder();
        sized.getStartBuilder().setSize(TerminalSize.newBuilder().setColumns(9).setRows(9));
        call().send(sized.build()).failsWith(Reason.INVALID_FIELD);
    }

    @Test
    void signalReachesTheProcess() {
        run(false, false, "hold");
        var call = attached(false);
        call.send(AttachContainerRequest.newBuilder()
                .setSignal(SignalFrame.newBuilder().setSignal("INT"))
                .build());
        assertThat(call.rest().getLast().getExited().getOutcome().getSignal()).isEqualTo(2);
    }

    @Test
    void viewerThatLeavesChangesNothing() {
        var process = run(true, false, "hold");
        var leaving = attached(true);
        var staying = attached(false);
        leaving.cancel();
        await().until(() -> process.sessions() == 1);
        assertThat(process.running()).isTrue();
        process.end(new ExitOutcome.Code(0));
        assertThat(staying.rest()).hasSize(1);
    }

    @Test
    void gapIsTold() {
        var process = run(false, false, "hold");
        var call = attached(false);
        process.gap(OutputKind.STDOUT, 1, 2);
        assertThat(call.next().getGap().getTo()).isEqualTo(2);
    }

    @Test
    void containerThatHasExitedIsRefused() {
        run(false, false, "hold").end(new ExitOutcome.Code(0));
        call().send(start(false)).failsWith(Reason.CONTAINER_STATE);
    }
}
