package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.DetachOnDisconnect;
import dev.hawse.api.runtime.v1.DisconnectPolicy;
import dev.hawse.api.runtime.v1.DrainState;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.GetExecRequest;
import dev.hawse.api.runtime.v1.GetExecResponse;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.ListExecsResponse;
import dev.hawse.api.runtime.v1.OutputPolicy;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.RingOutput;
import dev.hawse.api.runtime.v1.RunExecRequest;
import dev.hawse.api.runtime.v1.RunExecResponse;
import dev.hawse.api.runtime.v1.RuntimeKind;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.SignalExecResponse;
import dev.hawse.api.runtime.v1.StartExecRequest;
import dev.hawse.api.runtime.v1.StartExecResponse;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExecsTest {

    private static final String ID = "e".repeat(64);

    /** Answers every question, and keeps it. */
    private static final class Service extends ExecServiceGrpc.ExecServiceImplBase {
        private final LinkedBlockingQueue<Object> requests = new LinkedBlockingQueue<>();

        private <R> void answer(Object request, StreamObserver<R> out, R response) {
            requests.add(request);
            out.onNext(response);
            out.onCompleted();
        }

        @Override
        public void runExec(RunExecRequest request, StreamObserver<RunExecResponse> out) {
            answer(
                    request,
                    out,
                    RunExecResponse.newBuilder()
                            .setStdout(ByteString.copyFromUtf8("out"))
                            .setStderr(ByteString.copyFromUtf8("err"))
                            .setStderrTruncated(true)
                            .setExited(exited())
                            .build());
        }

        @Override
        public void startExec(StartExecRequest request, StreamObserver<StartExecResponse> out) {
            answer(
                    request,
                    out,
                    StartExecResponse.newBuilder().setExec(snapshot(ID)).build());
        }

        @Override
        public void getExec(GetExecRequest request, StreamObserver<GetExecResponse> out) {
            answer(
                    request,
                    out,
                    GetExecResponse.newBuilder().setExec(snapshot(ID)).build());
        }

        @Override
        public void listExecs(ListExecsRequest request, StreamObserver<ListExecsResponse> out) {
            boolean first = request.getPageToken().isEmpty();
            answer(
                    request,
                    out,
                    ListExecsResponse.newBuilder()
                            .addExecs(snapshot(first ? "1" : "2"))
                            .setNextPageToken(first ? "next" : "")
                            .build());
        }

        @Override
        public void signalExec(SignalExecRequest request, StreamObserver<SignalExecResponse> out) {
            answer(request, out, SignalExecResponse.getDefaultInstance());
        }
    }

    private static ProcessExited exited() {
        return ProcessExited.newBuilder()
                .setOutcome(ExitOutcome.newBuilder().setSignal(9))
                .setStderrBytes(1 << 20)
                .setDrain(DrainState.DRAIN_STATE_HELD)
                .setTimedOut(true)
                .setPossibleGap(true)
                .build();
    }

    private static dev.hawse.api.runtime.v1.Exec snapshot(String id) {
        return dev.hawse.api.runtime.v1.Exec.newBuilder()
                .setId(id)
                .setContainerId("c")
                .setRuntime(RuntimeKind.RUNTIME_KIND_CONTAINERD)
                .addArgs("sh")
                .setState(dev.hawse.api.runtime.v1.ExecState.EXEC_STATE_EXITED)
                .setPid(7)
                .setTerminal(true)
                .setStdinOpen(true)
                .setHasWriter(true)
                .setViewers(2)
                .setCreatedAt(Timestamp.newBuilder().setSeconds(1))
                .setStartedAt(Timestamp.newBuilder().setSeconds(2))
                .setOldest(FakeCommand.offsets(10, 20))
                .setHead(FakeCommand.offsets(30, 40))
                .setOutput(OutputPolicy.newBuilder()
                        .setRing(RingOutput.newBuilder().setBytes(4096))
                        .setHistory(5))
                .setOnDisconnect(DisconnectPolicy.newBuilder()
                        .setDetach(DetachOnDisconnect.newBuilder()
                                .setTtl(Duration.newBuilder().setSeconds(60))))
                .setTimesOutAt(Timestamp.newBuilder().setSeconds(3))
                .setExited(exited())
                .setRequestId("once")
                .build();
    }

    private interface Body {
        void run(Service service, Execs execs) throws Exception;
    }

    private static void with(Body body) throws Exception {
        var service = new Service();
        try (var server = new FakeServer(service);
                var client = server.client()) {
            body.run(service, client.execs());
        }
    }

    @Test
    void runIsOneQuestionAndOneAnswer() throws Exception {
        with((service, execs) -> {
            var result = execs.run(
                    "web",
                    ExecSpec.of("cat"),
                    RunOptions.DEFAULT.withInput(new byte[] {1}).withOutputLimit(100));
            assertThat(result.stdoutUtf8()).isEqualTo("out");
            assertThat(result.stderrUtf8()).isEqualTo("err");
            assertThat(result.truncated()).isTrue();
            assertThat(result.exit().timedOut()).isTrue();
            assertThat(result.exit().possibleGap()).isTrue();
            assertThat(result.exit().drain()).isEqualTo(dev.hawse.client.DrainState.HELD);
            var request = (RunExecRequest) service.requests.take();
            assertThat(request.getStart().getIo().getStdin()).isFalse();
            assertThat(request.getStdin()).isEqualTo(ByteString.copyFrom(new byte[] {1}));
            assertThat(request.getMaxOutput()).isEqualTo(100);
            execs.run("web", ExecSpec.of("cat"), RunOptions.DEFAULT);
            assertThat(((RunExecRequest) service.requests.take()).hasStdin()).isFalse();
        });
    }

    @Test
    void startCarriesAllThatCanBeAskedFor() throws Exception {
        with((service, execs) -> {
            var spec = ExecSpec.builder("x")
                    .timeout(java.time.Duration.ofSeconds(1))
                    .killAfter(java.time.Duration.ofSeconds(2))
                    .output(dev.hawse.client.OutputPolicy.spill(1 << 20).withHistory(0))
                    .onDisconnect(dev.hawse.client.DisconnectPolicy.HANGUP)
                    .drain(DrainPolicy.atMost(java.time.Duration.ZERO))
                    .requestId("r")
                    .build();
            execs.start("web", spec);
            ExecStart start = ((StartExecRequest) service.requests.take()).getStart();
            assertThat(start.getTimeout().getSeconds()).isEqualTo(1);
            assertThat(start.getKillAfter().getSeconds()).isEqualTo(2);
            assertThat(start.getOutput().getSpill().getBytes()).isEqualTo(1 << 20);
            assertThat(start.getOutput().hasHistory()).isTrue();
            assertThat(start.getOnDisconnect().hasHangup()).isTrue();
            assertThat(start.getDrain().hasAtMost()).isTrue();
            assertThat(start.getRequestId()).isEqualTo("r");
        });
    }

    @Test
    void snapshotIsMappedWhole() throws Exception {
        with((service, execs) -> {
            var exec = execs.get("ee");
            assertThat(exec.id()).isEqualTo(ID);
            assertThat(exec.shortId()).isEqualTo("e".repeat(12));
            assertThat(exec.command()).containsExactly("sh");
            assertThat(exec.state()).isEqualTo(ExecState.EXITED);
            assertThat(exec.terminal() && exec.stdinOpen() && exec.hasWriter()).isTrue();
            assertThat(exec.viewers()).isEqualTo(2);
            assertThat(exec.startedAt()).isEqualTo(Instant.ofEpochSecond(2));
            assertThat(exec.timesOutAt()).isEqualTo(Instant.ofEpochSecond(3));
            assertThat(exec.oldest()).isEqualTo(new OutputOffsets(10, 20));
            assertThat(exec.head()).isEqualTo(new OutputOffsets(30, 40));
            assertThat(exec.output())
                    .isEqualTo(dev.hawse.client.OutputPolicy.ring(4096).withHistory(5));
            assertThat(exec.onDisconnect())
                    .isEqualTo(dev.hawse.client.DisconnectPolicy.detach(java.time.Duration.ofSeconds(60)));
            assertThat(exec.exit())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.status()).isEqualTo(new ExitStatus.Signal(9)));
            assertThat(exec.requestId()).isEqualTo("once");
        });
    }

    @Test
    void listAsksForPageAfterPage() throws Exception {
        with((service, execs) -> {
            assertThat(execs.stream("web", Set.of(ExecState.RUNNING)).map(Exec::id))
                    .isEqualTo(List.of("1", "2"));
            var request = (ListExecsRequest) service.requests.take();
            assertThat(request.getContainer()).isEqualTo("web");
            assertThat(request.getStatesList()).containsExactly(dev.hawse.api.runtime.v1.ExecState.EXEC_STATE_RUNNING);
            assertThat(((ListExecsRequest) service.requests.take()).getPageToken())
                    .isEqualTo("next");
        });
    }

    @Test
    void signalNamesWhomItReaches() throws Exception {
        with((service, execs) -> {
            execs.signal("ee", "HUP", SignalScope.TREE);
            var request = (SignalExecRequest) service.requests.take();
            assertThat(request.getExecId()).isEqualTo("ee");
            assertThat(request.getSignal().getSignal()).isEqualTo("HUP");
            assertThat(request.getSignal().getScope())
                    .isEqualTo(dev.hawse.api.runtime.v1.SignalScope.SIGNAL_SCOPE_TREE);
        });
    }
}
