package dev.hawse.client;

import dev.hawse.api.runtime.v1.EventServiceGrpc;
import dev.hawse.api.runtime.v1.EventType;
import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.api.runtime.v1.WatchEventsResponse;
import dev.hawse.client.HawseException.Code;

/** What happens on a server, as it happens. Safe for use by any number of threads. */
public final class Events {

    private final Connection connection;

    Events(Connection connection) {
        this.connection = connection;
    }

    /** Watches from now on. When this returns, no later event is missed. */
    public EventStream watch(EventFilter filter) {
        return watch(request(filter).build());
    }

    /**
     * Watches from an event on, by its sequence number.
     *
     * @throws HawseException with {@link HawseException.Reason#SEQUENCE_OUT_OF_RANGE} when the server no longer holds it
     */
    public EventStream watch(long fromSequence, EventFilter filter) {
        return watch(request(filter).setFromSequence(fromSequence).build());
    }

    private static WatchEventsRequest.Builder request(EventFilter filter) {
        var request = WatchEventsRequest.newBuilder().addAllContainerIds(filter.containerIds());
        filter.types().forEach(t -> request.addTypes(Values.toWire(EventType.class, t, "EVENT_TYPE_")));
        return request;
    }

    private EventStream watch(WatchEventsRequest request) {
        var responses = connection.serverStream(EventServiceGrpc.getWatchEventsMethod(), request);
        try {
            if (responses.hasNext()) {
                var first = responses.next();
                if (first.hasStarted()) {
                    return new Watch(responses, first.getStarted().getNextSequence());
                }
            }
            throw new HawseException(Code.INTERNAL, "the server did not begin the stream of events", null);
        } catch (HawseException e) {
            responses.close();
            throw e;
        }
    }

    private record Watch(RecordStream<WatchEventsResponse> responses, long nextSequence) implements EventStream {
        @Override
        public boolean hasNext() {
            return responses.hasNext();
        }

        @Override
        public Event next() {
            var e = responses.next().getEvent();
            return new Event(
                    e.getSequence(),
                    Values.instant(e.getTime()),
                    Values.fromWire(
                            dev.hawse.client.EventType.class,
                            e.getType(),
                            "EVENT_TYPE_",
                            dev.hawse.client.EventType.UNKNOWN),
                    Values.runtime(e.getRuntime()),
                    e.getContainerId(),
                    e.getExecId(),
                    e.getImage(),
                    e.hasExit() ? ProcessMapper.status(e.getExit()) : null);
        }

        @Override
        public void close() {
            responses.close();
        }
    }
}
