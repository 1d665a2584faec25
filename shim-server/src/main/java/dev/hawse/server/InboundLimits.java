package dev.hawse.server;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.InternalMetadata;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * How large messages and metadata may be, and that messages are what they should be; told to callers as failures of this
 * server's. gRPC's own limits end a call without a reason, which callers see as CANCELLED or INTERNAL, and so does a
 * message that cannot be parsed; they are set farther out, as a guard of the memory. For any number of threads.
 */
final class InboundLimits implements ServerInterceptor {

    /** How many times the limit gRPC takes in, so that there is somebody to say no. */
    private static final int MESSAGE_GUARD = 4;

    private static final int MOST_METADATA_BYTES = 16 << 10;

    /** Beyond this it is HTTP's status 431, which clients show as INTERNAL. */
    static final int METADATA_GUARD = 64 << 10;

    /** What HTTP/2 counts for each entry beside its bytes. */
    private static final int ENTRY_BYTES = 32;

    private final int mostBytes;

    InboundLimits(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** The limit for gRPC itself. */
    int messageGuard() {
        return (int) Math.min(Integer.MAX_VALUE, (long) mostBytes * MESSAGE_GUARD);
    }

    /** A service that gets no message that is too large or none at all of its kind. */
    ServerServiceDefinition guard(BindableService service) {
        return ServerInterceptors.intercept(
                ServerInterceptors.useMarshalledMessages(service.bindService(), new Unparsed()), this);
    }

    /** Messages as they came. */
    private static final class Unparsed implements MethodDescriptor.Marshaller<InputStream> {
        @Override
        public InputStream stream(InputStream message) {
            return message;
        }

        @Override
        public InputStream parse(InputStream message) {
            return message;
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        checkMetadata(headers);
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            @SuppressWarnings("unchecked") // Q is InputStream, by guard()
            public void onMessage(Q message) {
                try {
                    super.onMessage((Q) fitting((InputStream) message));
                } catch (StatusRuntimeException e) {
                    if (e.getCause() instanceof IOException) {
                        throw RuntimeFailure.of(
                                Reason.PROTOCOL_VIOLATION,
                                "a message is damaged, or nested too deeply; what "
                                        + call.getMethodDescriptor().getFullMethodName() + " takes is allowed");
                    }
                    throw e;
                }
            }
        };
    }

    private static void checkMetadata(Metadata headers) {
        int bytes = 0;
        for (var text : InternalMetadata.serialize(headers)) {
            bytes += text.length + ENTRY_BYTES / 2;
        }
        if (bytes > MOST_METADATA_BYTES) {
            throw RuntimeFailure.of(
                    Reason.LIMIT_REACHED,
                    "metadata: is too large (got " + bytes + " bytes), at most " + MOST_METADATA_BYTES
                            + " are allowed, with 32 for each entry");
        }
    }

    private InputStream fitting(InputStream message) {
        try {
            // A message that was compressed does not know its length.
            var known = message instanceof KnownLength;
            var fitting = known ? message : new ByteArrayInputStream(message.readNBytes(mostBytes + 1));
            var bytes = fitting.available();
            if (bytes > mostBytes) {
                throw RuntimeFailure.of(
                        Reason.LIMIT_REACHED,
                        "a message is too large (got " + (known ? "" : "more than ") + (known ? bytes : mostBytes)
                                + " bytes), at most " + mostBytes + " are allowed, see server.max-message-size");
            }
            return fitting;
        } catch (IOException e) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "a message could not be decompressed");
        }
    }
}
