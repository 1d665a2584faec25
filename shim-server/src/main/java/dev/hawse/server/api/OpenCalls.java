package dev.hawse.server.api;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Knows every call under way, so that a shutdown can end each with a status of its own rather than a broken connection;
 * and turns what a handler throws into a status. Safe for any number of threads.
 */
public final class OpenCalls implements ServerInterceptor {

    /** Calls that only watch: they would last as long as the server, and their callers go on from where they were. */
    private static final Set<String> WATCHING = Set.of(
            "hawse.runtime.v1.ContainerService/WaitContainer",
            "hawse.runtime.v1.ContainerService/AttachContainer",
            "hawse.runtime.v1.ContainerService/StreamLogs",
            "hawse.runtime.v1.EventService/WatchEvents",
            "grpc.health.v1.Health/Watch",
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo");

    private final Set<Guarded<?, ?>> open = ConcurrentHashMap.newKeySet();

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var guarded = new Guarded<>(call);
        open.add(guarded);
        try {
            return new GuardedListener<>(next.startCall(guarded, headers), guarded);
        } catch (RuntimeException | Error e) {
            guarded.end(StatusMapper.toException(e));
            open.remove(guarded);
            return new ServerCall.Listener<>() {};
        }
    }

    /** How many calls are under way. */
    public int count() {
        return open.size();
    }

    /** Ends what only watches, with {@link Reason#SHUTTING_DOWN}. */
    public void endWatching() {
        end(call -> WATCHING.contains(call.getMethodDescriptor().getFullMethodName()));
    }

    /** Ends every call, with {@link Reason#SHUTTING_DOWN}. */
    public void endAll() {
        end(_ -> true);
    }

    private void end(Predicate<Guarded<?, ?>> which) {
        var status = StatusMapper.toException(RuntimeFailure.of(
                Reason.SHUTTING_DOWN, "the server is shutting down; containers go on, connect again in a moment"));
        open.stream().filter(which).forEach(call -> call.end(status));
    }

    /** Calls are not for several threads; the lock lets a shutdown end one under its handler's hands. */
    private static final class Guarded<Q, A> extends SimpleForwardingServerCall<Q, A> {

        private boolean closed;
        private volatile boolean ended;

        Guarded(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!ended) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (!ended) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!ended) {
                closed = true;
                super.close(status, trailers);
            }
        }

        synchronized void end(StatusRuntimeException status) {
            if (!closed && !ended) {
                ended = true;
                var trailers = status.getTrailers();
                super.close(status.getStatus(), Objects.requireNonNullElseGet(trailers, Metadata::new));
            }
        }
    }

    /** A handler whose call was ended from outside is told that it was cancelled, whatever came of telling the caller. */
    private final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {

        private final Guarded<Q, ?> call;

        GuardedListener(ServerCall.Listener<Q> listener, Guarded<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        @Override
        public void onCancel() {
            open.remove(call);
            super.onCancel();
        }

        @Override
        public void onComplete() {
            open.remove(call);
            if (call.ended) {
                super.onCancel();
            } else {
                super.onComplete();
            }
        }

        private void guard(Runnable callback) {
            if (call.ended) {
                return;
            }
            try {
                callback.run();
            } catch (RuntimeException | Error e) {
                call.end(StatusMapper.toException(e));
            }
        }
    }
}
