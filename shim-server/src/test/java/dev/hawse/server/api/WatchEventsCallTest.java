package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.api.runtime.v1.EventServiceGrpc;
import dev.hawse.api.runtime.v1.EventType;
import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.api.runtime.v1.WatchEventsResponse;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.stream.EventLog;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The log's first number is 1. */
@Timeout(60)
class WatchEventsCallTest {

    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(new FakeRuntime());
    }

    @AfterEach
    void close() {
        api.close();
    }

    private void happens(RuntimeEvent.Type type, String container) {
        api.events.append(new RuntimeEvent(type, RuntimeKind.CONTAINERD, Instant.now(), container, null, null, null));
    }

    private void happens(int times) {
        for (var i = 0; i < times; i++) {
            happens(RuntimeEvent.Type.CONTAINER_STARTED, "c" + i);
        }
    }

    private RawCall<WatchEventsRequest, WatchEventsResponse> slowCall(WatchEventsRequest request) {
        return RawCall.slow(api.channel, EventServiceGrpc.getWatchEventsMethod())
                .send(request)
                .halfClose();
    }

    /** A call that has begun: what happens from now on is for it. */
    private RawCall<WatchEventsRequest, WatchEventsResponse> begun(WatchEventsRequest request) {
        var call = slowCall(request).requestAll();
        assertThat(call.next().hasStarted()).isTrue();
        return call;
    }

    private static WatchEventsRequest from(long sequence) {
        return WatchEventsRequest.newBuilder().setFromSequence(sequence).build();
    }

    private static List<Long> sequences(RawCall<?, WatchEventsResponse> call, int count) {
        return LongStream.range(0, count)
                .map(_ -> call.next().getEvent().getSequence())
                .boxed()
                .toList();
    }

    @Test
    void eventsFromNowOnComeInOrder() {
        happens(3);
        var call = slowCall(WatchEventsRequest.getDefaultInstance()).requestAll();
        assertThat(call.next().getStarted().getNextSequence()).isEqualTo(4);
        happens(3);
        assertThat(sequences(call, 3)).containsExactly(4L, 5L, 6L);
    }

    @Test
    void eventsFromASequenceOnAreRepeated() {
        happens(5);
        var call = slowCall(from(2)).requestAll();
        assertThat(call.next().getStarted().getNextSequence()).isEqualTo(2);
        assertThat(sequences(call, 4)).containsExactly(2L, 3L, 4L, 5L);
        happens(1);
        assertThat(sequences(call, 1)).containsExactly(6L);
    }

    @Test
    void sequencesThatAreNotKeptAreRefused() {
        happens(EventLog.KEPT + 10);
        var call = slowCall(from(10));
        call.failsWith(Reason.SEQUENCE_OUT_OF_RANGE);
        assertThat(ApiFixture.errorInfo(call.end()).getMetadataMap())
                .containsEntry("oldest", "11")
                .containsEntry("newest", Integer.toString(EventLog.KEPT + 10));
        slowCall(from(EventLog.KEPT + 12)).failsWith(Reason.SEQUENCE_OUT_OF_RANGE);
        slowCall(from(-1)).failsWith(Reason.SEQUENCE_OUT_OF_RANGE);
        begun(from(EventLog.KEPT + 11));
        begun(from(11));
    }

    @Test
    void filtersLetThroughWhatTheyName() {
        var call = begun(WatchEventsRequest.newBuilder()
                .addTypes(EventType.EVENT_TYPE_CONTAINER_PAUSED)
                .addContainerIds("b")
                .build());
        happens(RuntimeEvent.Type.CONTAINER_PAUSED, "a");
        happens(RuntimeEvent.Type.CONTAINER_STARTED, "b");
        happens(RuntimeEvent.Type.CONTAINER_PAUSED, "b");
        var event = call.next().getEvent();
        assertThat(event.getSequence()).isEqualTo(3);
        assertThat(event.getContainerId()).isEqualTo("b");
    }

    @Test
    void eventsAreSentAsTheCallerTakesThem() {
        var call = slowCall(WatchEventsRequest.getDefaultInstance()).request(1);
        assertThat(call.next().hasStarted()).isTrue();
        happens(100);
        for (var i = 1; i <= 100; i++) {
            call.request(1);
            assertThat(call.next().getEvent().getSequence()).isEqualTo(i);
            assertThat(api.sent()).isBetween(i + 1, i + 2);
        }
    }

    @Test
    void callerThatFallsTooFarBehindIsCutOffAndMayGoOn() {
        var call = slowCall(WatchEventsRequest.getDefaultInstance()).request(1);
        assertThat(call.next().hasStarted()).isTrue();
        happens(EventLog.KEPT + 1000);
        call.requestAll().failsWith(Reason.READER_TOO_SLOW);
        var resume = ApiFixture.errorInfo(call.end()).getMetadataOrThrow("resume_from");
        assertThat(resume).isEqualTo("1001");
        var again = begun(from(Long.parseLong(resume)));
        assertThat(sequences(again, EventLog.KEPT)).endsWith(EventLog.KEPT + 1000L);
    }

    @Test
    void callerThatLeavesIsForgotten() {
        var call = begun(WatchEventsRequest.getDefaultInstance());
        call.cancel();
        await().until(() -> api.openCalls.count() == 0);
        var sent = api.sent();
        happens(3);
        assertThat(api.sent()).isEqualTo(sent);
    }

    @Test
    void shutdownEndsTheCallWithItsReason() {
        var call = begun(WatchEventsRequest.getDefaultInstance());
        api.openCalls.endWatching();
        call.failsWith(Reason.SHUTTING_DOWN);
        happens(1);
        assertThat(call.pending()).isZero();
    }

    @Test
    void unknownTypeIsRefused() {
        slowCall(WatchEventsRequest.newBuilder().addTypesValue(0).build()).failsWith(Reason.INVALID_FIELD);
    }
}
