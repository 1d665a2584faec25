package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.WriterLost;
import dev.hawse.client.HawseException.Code;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReconnectTest {

    private static final ExecSpec LEAVABLE = ExecSpec.builder("x")
            .stdin()
            .onDisconnect(DisconnectPolicy.detach())
            .reconnect(Duration.ofSeconds(20))
            .build();

    private static final AttachExecSpec ATTACH =
            AttachExecSpec.builder().reconnect(Duration.ofSeconds(20)).build();

    /** What a listener got, in order. */
    private static final class Recorder implements OutputListener {
        private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        private final List<Object> order = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void output(OutputKind stream, ByteBuffer data) {
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            (stream == OutputKind.STDOUT ? stdout : stderr).writeBytes(bytes);
            order.add(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
        }

        @Override
        public void gap(OutputGap gap) {
            order.add(gap);
        }
    }

    private static final class Connections implements ConnectionListener {
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void disconnected(HawseException why) {
            events.add("disconnected");
        }

        @Override
        public void reconnected() {
            events.add("reconnected");
        }

        @Override
        public void writerLost() {
            events.add("writer lost");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void everyByteComesOnceHoweverOftenTheConnectionBreaks(long seed) throws Exception {
        int out = 300_000;
        int err = 200_000;
        var command = new FakeCommand(seed, out, err, 25);
        try (var server = new FakeServer(command);
                var client = server.client();
                var session = client.exec("web", LEAVABLE)) {
            if (seed % 2 == 0) {
                var recorder = new Recorder();
                session.onOutput(recorder);
                assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(5));
                assertThat(recorder.stdout.toByteArray())
                        .isEqualTo(FakeExec.pattern(0, out).toByteArray());
                assertThat(recorder.stderr.toByteArray())
                        .isEqualTo(FakeExec.pattern(FakeCommand.STDERR, err).toByteArray());
            } else {
                assertThat(session.stderr().readAllBytes())
                        .isEqualTo(FakeExec.pattern(FakeCommand.STDERR, err).toByteArray());
                assertThat(session.stdout().readAllBytes())
                        .isEqualTo(FakeExec.pattern(0, out).toByteArray());
            }
            assertThat(session.delivered()).isEqualTo(new OutputOffsets(out, err));
            assertThat(session.gaps()).isEmpty();
            assertThat(command.attached).isNotEmpty().allMatch(a -> a.getStdin() && !a.getTakeOver());
        }
    }

    @Test
    void killedServerIsWaitedForWithWhatWasOnItsWay() throws Exception {
        int size = 40 << 20;
        var command = new FakeCommand(1, size, 0, 0);
        // It must not be over before it was cut off three times.
        command.mayWrite = size / 4;
        try (var server = new FakeServer(command);
                var client = server.client();
                var session = client.exec("web", LEAVABLE)) {
            var connections = new Connections();
            session.onConnection(connections);
            var recorder = new Recorder();
            session.onOutput(recorder);
            for (int i = 0; i < 3; i++) {
                int so = recorder.stdout.size();
                await().until(() -> recorder.stdout.size() > so + 100_000);
                server.kill();
                assertThat(connections.events.poll(10, TimeUnit.SECONDS)).isEqualTo("disconnected");
                command.mayWrite = (i + 2L) * size / 4;
                server.startAgain();
                assertThat(connections.events.poll(10, TimeUnit.SECONDS)).isEqualTo("reconnected");
            }
            assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(5));
            assertThat(recorder.stdout.toByteArray())
                    .isEqualTo(FakeExec.pattern(0, size).toByteArray());
        }
    }

    @Test
    void serverThatStaysAwayIsGivenUp() throws Exception {
        var spec = ExecSpec.builder("x")
                .onDisconnect(DisconnectPolicy.detach())
                .reconnect(Duration.ofMillis(300))
                .build();
        try (var server = new FakeServer(FakeExec.started(s -> s.awaitCancel()));
                var client = server.client();
                var session = client.exec("web", spec)) {
            server.kill();
            assertThatThrownBy(session::awaitExit)
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE))
                    .hasMessageContaining("did not come back");
            server.startAgain();
        }
    }

    @Test
    void closedSessionIsNotReconnected() throws Exception {
        var command = new FakeCommand(1, 1 << 20, 0, Integer.MAX_VALUE);
        try (var server = new FakeServer(command);
                var client = server.client()) {
            var session = client.exec("web", LEAVABLE);
            var connections = new Connections();
            session.onConnection(connections);
            server.kill();
            session.close();
            server.startAgain();
            assertThatThrownBy(session::awaitExit).isInstanceOf(HawseException.class);
        }
    }

    @Test
    void onlyCommandsThatMayBeLeftAreReconnected() throws Exception {
        assertThatThrownBy(() ->
                        ExecSpec.builder("x").reconnect(Duration.ofSeconds(1)).build())
                .hasMessageContaining("reconnect");
        var exec = FakeExec.attached(s -> {
            s.next();
            s.send(FakeCommand.attachedFrame(0, 0, false));
            throw Status.UNAVAILABLE.asException();
        });
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs().attach("e", ATTACH)) {
            assertThatThrownBy(session::awaitExit).isInstanceOf(HawseException.class);
            assertThat(exec.attaches).hasValue(1);
        }
    }

    @Test
    void attachedSessionTellsWhereItIs() throws Exception {
        var starts = new LinkedBlockingQueue<AttachExecRequest>();
        var go = new CountDownLatch(1);
        var exec = FakeExec.attached(s -> {
            starts.add(s.next());
            s.send(FakeCommand.attachedFrame(100, 7, true));
            s.send(output(100, "abc"));
            go.await();
            s.send(output(103, "def"));
            s.send(exited());
        });
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs()
                        .attach(
                                "eee",
                                AttachExecSpec.builder()
                                        .from(new OutputOffsets(100, 7))
                                        .build())) {
            assertThat(session.execId()).isEqualTo(FakeExec.EXEC_ID);
            assertThat(session.containerId()).isEqualTo("c".repeat(64));
            assertThat(session.existing()).isTrue();
            assertThat(session.headAtAttach()).isEqualTo(new OutputOffsets(500, 0));
            assertThat(session.stdout().readNBytes(2)).asString().isEqualTo("ab");
            assertThat(session.delivered()).isEqualTo(new OutputOffsets(102, 7));
            go.countDown();
            assertThat(session.stdout().readAllBytes()).asString().isEqualTo("cdef");
            assertThat(session.delivered()).isEqualTo(new OutputOffsets(106, 7));
        }
        assertThat(starts.take().getStart().getOffsets()).isEqualTo(FakeCommand.offsets(100, 7));
    }

    @Test
    void bytesThatAreNoLongerKeptAreAGapInTheirPlace() throws Exception {
        var starts = new LinkedBlockingQueue<AttachExecRequest>();
        var exec = FakeExec.attached(s -> {
            var start = s.next();
            starts.add(start);
            switch (starts.size()) {
                case 1 -> {
                    s.send(FakeCommand.attachedFrame(0, 0, true));
                    s.send(output(0, "abc"));
                    throw Status.UNAVAILABLE.asException();
                }
                case 2 -> throw outOfRange(10, 90);
                default -> {
                    s.send(FakeCommand.attachedFrame(
                            start.getStart().getOffsets().getStdout(), 0, true));
                    s.send(output(10, "xyz"));
                    s.send(exited());
                }
            }
        });
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs().attach("e", ATTACH)) {
            var recorder = new Recorder();
            session.onOutput(recorder);
            session.awaitExit();
            var gap = new OutputGap(OutputKind.STDOUT, 3, 10, OutputGap.Cause.NOT_KEPT);
            assertThat(recorder.order).containsExactly("abc", gap, "xyz");
            assertThat(session.gaps()).containsExactly(gap);
            assertThat(session.missedBytes()).isEqualTo(7);
            assertThat(session.delivered().stdout()).isEqualTo(13);
        }
    }

    @Test
    void serverThatKeptLessThanItSentCountsOnFromThere() throws Exception {
        var starts = new LinkedBlockingQueue<AttachExecRequest>();
        var exec = FakeExec.attached(s -> {
            var start = s.next();
            starts.add(start);
            switch (starts.size()) {
                case 1 -> {
                    s.send(FakeCommand.attachedFrame(0, 0, true));
                    s.send(output(0, "abcdef"));
                    throw Status.UNAVAILABLE.asException();
                }
                case 2 -> throw outOfRange(0, 4);
                default -> {
                    assertThat(start.getStart().getOffsets().getStdout()).isEqualTo(4);
                    s.send(FakeCommand.attachedFrame(4, 0, true));
                    s.send(output(4, "new"));
                    s.send(exited());
                }
            }
        });
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs().attach("e", ATTACH)) {
            assertThat(session.stdout().readAllBytes()).asString().isEqualTo("abcdefnew");
            assertThat(session.gaps())
                    .containsExactly(new OutputGap(OutputKind.STDOUT, 4, 4, OutputGap.Cause.SERVER_KILLED));
            assertThat(session.delivered().stdout()).isEqualTo(7);
        }
    }

    @Test
    void inputGoesOnAndItsEndIsRepeated() throws Exception {
        var input = new LinkedBlockingQueue<ByteString>();
        var ends = new LinkedBlockingQueue<String>();
        var cut = new CountDownLatch(1);
        var calls = new java.util.concurrent.atomic.AtomicInteger();
        var exec = FakeExec.attached(s -> {
            int call = calls.incrementAndGet();
            assertThat(s.next().getStart().getStdin()).isTrue();
            s.send(FakeCommand.attachedFrame(0, 0, true));
            if (call == 1) {
                input.add(s.next().getStdin());
                throw Status.UNAVAILABLE.asException();
            }
            for (var frame = s.next(); ; frame = s.next()) {
                if (frame.hasStdin()) {
                    input.add(frame.getStdin());
                } else if (frame.hasSignal()) {
                    ends.add(frame.getSignal().getScope().name());
                } else if (frame.hasStdinEof()) {
                    ends.add("eof " + call);
                    if (call == 2) {
                        cut.await();
                        throw Status.UNAVAILABLE.asException();
                    }
                    s.send(exited());
                    return;
                }
            }
        });
        var spec = AttachExecSpec.builder()
                .stdin()
                .reconnect(Duration.ofSeconds(20))
                .build();
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs().attach("e", spec)) {
            var connections = new Connections();
            session.onConnection(connections);
            session.stdin().write(new byte[] {1});
            assertThat(connections.events.take()).isEqualTo("disconnected");
            session.signal("HUP", SignalScope.TREE);
            session.stdin().write(new byte[] {2});
            assertThat(connections.events.take()).isEqualTo("reconnected");
            session.stdin().close();
            assertThat(ends.take()).isEqualTo("SIGNAL_SCOPE_TREE");
            assertThat(ends.take()).isEqualTo("eof 2");
            cut.countDown();
            assertThat(ends.take()).isEqualTo("eof 3");
            session.awaitExit();
            assertThat(input).containsExactly(ByteString.copyFrom(new byte[] {1}), ByteString.copyFrom(new byte[] {2}));
        }
    }

    @Test
    void callerThatLosesTheInputIsToldAndReadsOn() throws Exception {
        var go = new CountDownLatch(1);
        var exec = FakeExec.attached(s -> {
            s.next();
            s.send(FakeCommand.attachedFrame(0, 0, true));
            s.send(AttachExecResponse.newBuilder()
                    .setWriterLost(WriterLost.getDefaultInstance())
                    .build());
            go.await();
            s.send(output(0, "on"));
            s.send(exited());
        });
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs()
                        .attach("e", AttachExecSpec.builder().stdin().build())) {
            await().until(session::writerLost);
            assertThatThrownBy(() -> session.stdin().write(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another caller");
            go.countDown();
            assertThat(session.stdout().readAllBytes()).asString().isEqualTo("on");
        }
    }

    @Test
    void callerThatStartedTheCommandLosesTheInputToo() throws Exception {
        var exec = FakeExec.started(s -> {
            s.send(ExecResponse.newBuilder()
                    .setWriterLost(WriterLost.getDefaultInstance())
                    .build());
            s.awaitCancel();
        });
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.exec("web", LEAVABLE)) {
            await().until(session::writerLost);
            assertThatThrownBy(() -> session.stdin().write(1)).hasMessageContaining("another caller");
        }
    }

    @Test
    void inputThatAnotherCallerGivesIsRefusedWithItsReason() throws Exception {
        var exec = FakeExec.attached(s -> {
            s.next();
            throw failure(Status.Code.FAILED_PRECONDITION, "WRITER_TAKEN", Map.of("exec", FakeExec.EXEC_ID));
        });
        try (var server = new FakeServer(exec);
                var client = server.client()) {
            assertThatThrownBy(() -> client.execs()
                            .attach("e", AttachExecSpec.builder().stdin().build()))
                    .isInstanceOfSatisfying(HawseException.class, e -> {
                        assertThat(e.reason()).isEqualTo(HawseException.Reason.WRITER_TAKEN);
                        assertThat(e.metadata()).containsEntry("exec", FakeExec.EXEC_ID);
                    });
        }
    }

    @Test
    void ownBrokenConnectionIsNoOtherWriter() throws Exception {
        var calls = new java.util.concurrent.atomic.AtomicInteger();
        var exec = FakeExec.attached(s -> {
            int call = calls.incrementAndGet();
            assertThat(s.next().getStart().getStdin()).isTrue();
            if (call == 1 || call == 4) {
                s.send(FakeCommand.attachedFrame(0, 0, true));
            } else {
                throw failure(Status.Code.FAILED_PRECONDITION, "WRITER_TAKEN", Map.of());
            }
            if (call == 1) {
                throw Status.UNAVAILABLE.asException();
            }
            s.send(exited());
        });
        var spec = AttachExecSpec.builder()
                .stdin()
                .reconnect(Duration.ofSeconds(20))
                .build();
        try (var server = new FakeServer(exec);
                var client = server.client();
                var session = client.execs().attach("e", spec)) {
            session.awaitExit();
            assertThat(session.writerLost()).isFalse();
        }
    }

    @Test
    void aFutureEndsWhenTheReconnectedCommandDoes() throws Exception {
        var command = new FakeCommand(3, 5000, 0, 5);
        try (var server = new FakeServer(command);
                var client = server.client();
                var session = client.exec("web", LEAVABLE)) {
            CompletableFuture<ProcessExit> exit = session.onExit();
            assertThat(exit.get(20, TimeUnit.SECONDS).status()).isEqualTo(new ExitStatus.Code(5));
        }
    }

    private static AttachExecResponse output(long offset, String text) {
        return AttachExecResponse.newBuilder()
                .setStdout(FakeCommand.chunk(offset, ByteString.copyFromUtf8(text)))
                .build();
    }

    private static AttachExecResponse exited() {
        return AttachExecResponse.newBuilder()
                .setExited(ProcessExited.newBuilder()
                        .setOutcome(ExitOutcome.newBuilder().setCode(0)))
                .build();
    }

    private static Exception outOfRange(long oldest, long head) {
        return failure(
                Status.Code.OUT_OF_RANGE,
                "OFFSET_OUT_OF_RANGE",
                Map.of(
                        "oldest_stdout",
                        Long.toString(oldest),
                        "head_stdout",
                        Long.toString(head),
                        "oldest_stderr",
                        "0",
                        "head_stderr",
                        "0"));
    }

    private static Exception failure(Status.Code code, String reason, Map<String, String> metadata) {
        return StatusProto.toStatusException(com.google.rpc.Status.newBuilder()
                .setCode(code.value())
                .setMessage("refused")
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain("hawse.dev")
                        .setReason(reason)
                        .putAllMetadata(metadata)
                        .build()))
                .build());
    }
}
