package dev.hawse.client;

import com.google.protobuf.ByteString;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One call that carries the frames of a session, which has another one after it was cut off. Its methods are called with
 * the session's lock; what the call tells goes to the session.
 */
final class Link<Q, R> {

    private final ClientCall<Q, R> call;
    private final Frames<Q, R> frames;

    Link(Connection connection, Frames<Q, R> frames) {
        // Without deadline: a session lasts as long as its process.
        this.call = connection.call(frames.method());
        this.frames = frames;
    }

    void open(Q first, SessionState session) {
        call.start(new Receiver(session), new Metadata());
        call.sendMessage(first);
        call.request(1);
    }

    boolean isReady() {
        return call.isReady();
    }

    void input(ByteString data) {
        call.sendMessage(frames.input(data));
    }

    void endInput() {
        call.sendMessage(frames.endOfInput());
    }

    void resize(TerminalSize size) {
        call.sendMessage(frames.resize(size));
    }

    void signal(String signal, SignalScope scope) {
        call.sendMessage(frames.signal(signal, scope));
    }

    void request() {
        call.request(1);
    }

    void cancel(@Nullable String why, @Nullable Throwable cause) {
        call.cancel(why, cause);
    }

    private final class Receiver extends ClientCall.Listener<R> {
        private final SessionState session;

        Receiver(SessionState session) {
            this.session = session;
        }

        @Override
        public void onMessage(R frame) {
            session.received(Link.this, () -> frames.read(frame, session));
        }

        @Override
        public void onReady() {
            session.ready(Link.this);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            session.closed(Link.this, status, trailers);
        }
    }
}
