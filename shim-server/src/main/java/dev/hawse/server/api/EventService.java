package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.EventServiceGrpc;
import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.api.runtime.v1.WatchEventsResponse;
import dev.hawse.stream.EventLog;
import io.grpc.stub.StreamObserver;

/** Events over gRPC; see {@code event.proto}. */
final class EventService extends EventServiceGrpc.EventServiceImplBase {

    private final EventLog events;

    EventService(EventLog events) {
        this.events = events;
    }

    @Override
    public void watchEvents(WatchEventsRequest request, StreamObserver<WatchEventsResponse> responses) {
        WatchEventsCall.begin(events, request, responses);
    }
}
