package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.api.runtime.v1.WatchEventsResponse;
import dev.hawse.api.runtime.v1.WatchStarted;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.EventLog;
import dev.hawse.stream.EventReader;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code EventService.WatchEvents}: events go out while the caller takes them. */
final class WatchEventsCall implements EventReader.Sink {

    private final ServerCallStreamObserver<WatchEventsResponse> out;
    private final Set<RuntimeEvent.Type> types;
    private final Set<String> containers;

    private WatchEventsCall(WatchEventsRequest request, StreamObserver<WatchEventsResponse> responses) {
        this.out = (ServerCallStreamObserver<WatchEventsResponse>) responses;
        this.types = types(request);
        this.containers = Set.copyOf(request.getContainerIdsList());
    }

    private static Set<RuntimeEvent.Type> types(WatchEventsRequest request) {
        return request.getTypesList().stream()
                .map(type -> RuntimeMapper.eventType("types", type))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** To be called on the call's own thread, before the service's method returns. */
    static void begin(EventLog log, WatchEventsRequest request, StreamObserver<WatchEventsResponse> responses) {
        try {
            var call = new WatchEventsCall(request, responses);
            var reader = log.read(request.hasFromSequence() ? request.getFromSequence() : null, call);
            call.out.setOnReadyHandler(() -> call.resume(reader));
            call.out.setOnCancelHandler(reader::close);
            call.out.onNext(WatchEventsResponse.newBuilder()
                    .setStarted(WatchStarted.newBuilder().setNextSequence(reader.next()))
                    .build());
            call.resume(reader);
        } catch (RuntimeException e) {
            responses.onError(StatusMapper.toException(e));
        }
    }

    /** Wake-ups may come late: one must not push an event that there is no room for. */
    private void resume(EventReader reader) {
        if (out.isReady()) {
            reader.resume();
        }
    }

    @Override
    public boolean event(EventLog.Numbered numbered) {
        var event = numbered.event();
        var wanted = (types.isEmpty() || types.contains(event.type()))
                && (containers.isEmpty() || (event.containerId() != null && containers.contains(event.containerId())));
        if (wanted) {
            out.onNext(WatchEventsResponse.newBuilder()
                    .setEvent(RuntimeMapper.event(numbered.sequence(), event))
                    .build());
        }
        return out.isReady();
    }

    @Override
    public void cutOff(RuntimeFailure failure) {
        out.onError(StatusMapper.toException(failure));
    }
}
