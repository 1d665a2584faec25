package dev.hawse.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Reason;
import dev.hawse.testing.FakeProcess;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogsCallTest {

    private static final StreamLogsRequest ALL =
            StreamLogsRequest.newBuilder().setContainer("box").build();
    private static final StreamLogsRequest FOLLOW =
            ALL.toBuilder().setFollow(true).build();

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;
    private FakeProcess process;
    private int sentBefore;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
        process = runtime.mainProcess(new ContainerId(api.run("box")));
        sentBefore = api.sent();
    }

    @AfterEach
    void close() {
        api.close();
    }

    private void writes(String text) {
        process.write(OutputKind.STDOUT, text.getBytes(UTF_8));
    }

    private RawCall<StreamLogsRequest, StreamLogsResponse> call(StreamLogsRequest request) {
        return RawCall.open(api.channel, ContainerServiceGrpc.getStreamLogsMethod())
                .send(request)
                .halfClose();
    }

    private static List<String> texts(List<StreamLogsResponse> records) {
        return records.stream().map(r -> r.getData().toStringUtf8()).toList();
    }

    @Test
    void recordsComeWithStreamAndTime() {
        writes("out\n");
        process.write(OutputKind.STDERR, "err\n".getBytes(UTF_8));
        var records = call(ALL).rest();
        assertThat(texts(records)).containsExactly("out\n", "err\n");
        assertThat(records)
                .extracting(StreamLogsResponse::getStream)
                .containsExactly(OutputStream.OUTPUT_STREAM_STDOUT, OutputStream.OUTPUT_STREAM_STDERR);
        assertThat(records).allMatch(StreamLogsResponse::hasTime);
    }

    @Test
    void recordsAreSentAsTheCallerTakesThem() {
        for (var i = 0; i < 50; i++) {
            writes("line " + i + "\n");
        }
        var call = RawCall.slow(api.channel, ContainerServiceGrpc.getStreamLogsMethod())
                .send(ALL)
                .halfClose();
        for (var i = 0; i < 50; i++) {
            call.request(1);
            assertThat(call.next().getData().toStringUtf8()).isEqualTo("line " + i + "\n");
            assertThat(api.sent() - sentBefore - i - 1).isBetween(0, 1);
        }
        assertThat(call.requestAll().rest()).isEmpty();
    }

    @Test
    void followingGoesOnUntilTheEnd() {
        writes("before\n");
        var call = call(FOLLOW);
        assertThat(call.next().getData().toStringUtf8()).isEqualTo("before\n");
        writes("after\n");
        assertThat(call.next().getData().toStringUtf8()).isEqualTo("after\n");
        process.end(new ExitOutcome.Code(0));
        assertThat(call.rest()).isEmpty();
    }

    @Test
    void callerThatLeavesEndsTheReading() {
        writes("x");
        var call = call(FOLLOW);
        call.next();
        assertThat(process.sessions()).isEqualTo(1);
        call.cancel();
        await().until(() -> process.sessions() == 0);
        writes("nobody reads this");
        assertThat(process.running()).isTrue();
    }

    @Test
    void tailAndStreamsAreHeeded() {
        writes("a\n");
        process.write(OutputKind.STDERR, "b\n".getBytes(UTF_8));
        writes("c\n");
        assertThat(texts(call(ALL.toBuilder().setTail(1).build()).rest())).containsExactly("c\n");
        assertThat(texts(call(ALL.toBuilder().setTail(0).build()).rest())).isEmpty();
        var errors =
                ALL.toBuilder().addStreams(OutputStream.OUTPUT_STREAM_STDERR).build();
        assertThat(texts(call(errors).rest())).containsExactly("b\n");
    }

    @Test
    void badQueriesAreRefused() {
        call(ALL.toBuilder().setContainer("nowhere").build()).failsWith(Reason.CONTAINER_NOT_FOUND);
        call(ALL.toBuilder().addStreamsValue(0).build()).failsWith(Reason.INVALID_FIELD);
        var backwards = ALL.toBuilder();
        backwards.getSinceBuilder().setSeconds(2);
        backwards.getUntilBuilder().setSeconds(1);
        call(backwards.build()).failsWith(Reason.INVALID_FIELD);
    }
}
