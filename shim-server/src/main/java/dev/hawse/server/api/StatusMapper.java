package dev.hawse.server.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what was thrown into what the caller is told: the one place where failures become statuses, and where those that
 * are this server's fault are logged, once. Nothing of a stack trace, and no message but a {@link RuntimeFailure}'s, is sent.
 */
public final class StatusMapper {

    static final String DOMAIN = "hawse.dev";

    /**
     * Message and details travel in headers, of which many clients take 8 KiB: the message twice, in the worst case
     * tripled by percent-encoding, the details in base64.
     */
    private static final int MOST_MESSAGE_BYTES = 1024;

    private static final int MOST_DETAIL_BYTES = 2048;
    private static final Duration RETRY_AFTER =
            Duration.newBuilder().setSeconds(1).build();
    private static final Logger log = LoggerFactory.getLogger(StatusMapper.class);

    private StatusMapper() {}

    /** What ends a call. Logs what is this server's fault. */
    public static StatusRuntimeException toException(Throwable thrown) {
        return switch (unwrap(thrown)) {
            case RuntimeFailure failure
            when failure.reason() == Reason.INTERNAL -> internal(failure.getMessage(), failure.metadata(), failure);
            case RuntimeFailure failure -> StatusProto.toStatusRuntimeException(toStatus(failure, failure.metadata()));
            case CancellationException e ->
                io.grpc.Status.CANCELLED
                        .withDescription("the call was cancelled")
                        .withCause(e)
                        .asRuntimeException();
            case Throwable other -> internal("an error of this server's own; its log has the details", Map.of(), other);
        };
    }

    /** What a future failed with, as something that can be thrown again. */
    static RuntimeException rethrown(Throwable thrown) {
        return unwrap(thrown) instanceof RuntimeException e ? e : new CompletionException(thrown);
    }

    private static StatusRuntimeException internal(String message, Map<String, String> metadata, Throwable thrown) {
        var id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        log.error("error {}", id, thrown);
        var more = new LinkedHashMap<>(metadata);
        more.put("error", id);
        var failure = RuntimeFailure.of(Reason.INTERNAL, message + " (error " + id + ")", more);
        return StatusProto.toStatusRuntimeException(toStatus(failure, more));
    }

    private static Throwable unwrap(Throwable thrown) {
        var t = thrown;
        while ((t instanceof CompletionException || t instanceof ExecutionException) && t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    private static Status toStatus(RuntimeFailure failure, Map<String, String> metadata) {
        var info = ErrorInfo.newBuilder()
                .setDomain(DOMAIN)
                .setReason(failure.reason().name())
                .putAllMetadata(fitting(metadata));
        var status = Status.newBuilder()
                .setCode(code(failure.reason().code()).getNumber())
                .setMessage(cut(failure.getMessage(), MOST_MESSAGE_BYTES))
                .addDetails(Any.pack(info.build()));
        if (!failure.violations().isEmpty()) {
            status.addDetails(Any.pack(badRequest(failure)));
        }
        if (failure.reason().code() == Reason.Code.UNAVAILABLE) {
            status.addDetails(
                    Any.pack(RetryInfo.newBuilder().setRetryDelay(RETRY_AFTER).build()));
        }
        return status.build();
    }

    private static BadRequest badRequest(RuntimeFailure failure) {
        var bad = BadRequest.newBuilder();
        var left = MOST_DETAIL_BYTES;
        for (var violation : failure.violations()) {
            var next = BadRequest.FieldViolation.newBuilder()
                    .setField(cut(violation.field(), MOST_DETAIL_BYTES / 4))
                    .setDescription(cut(violation.message(), MOST_DETAIL_BYTES / 2))
                    .build();
            left -= next.getSerializedSize();
            if (left < 0) {
                break;
            }
            bad.addFieldViolations(next);
        }
        return bad.build();
    }

    private static Map<String, String> fitting(Map<String, String> metadata) {
        var fitting = new LinkedHashMap<String, String>();
        var share = MOST_DETAIL_BYTES / 4 / Math.max(1, metadata.size());
        metadata.forEach((key, value) -> fitting.put(key, cut(value, share)));
        return fitting;
    }

    private static String cut(String text, int mostBytes) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= mostBytes) {
            return text;
        }
        var out = new StringBuilder();
        var left = mostBytes - "…".getBytes(StandardCharsets.UTF_8).length;
        for (var c : text.codePoints().toArray()) {
            left -= Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
            if (left < 0) {
                break;
            }
            out.appendCodePoint(c);
        }
        return out.append('…').toString();
    }

    private static Code code(Reason.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT -> Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Code.NOT_FOUND;
            case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
            case PERMISSION_DENIED -> Code.PERMISSION_DENIED;
            case FAILED_PRECONDITION -> Code.FAILED_PRECONDITION;
            case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
            case ABORTED -> Code.ABORTED;
            case OUT_OF_RANGE -> Code.OUT_OF_RANGE;
            case UNIMPLEMENTED -> Code.UNIMPLEMENTED;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Code.DEADLINE_EXCEEDED;
            case DATA_LOSS -> Code.DATA_LOSS;
            case INTERNAL -> Code.INTERNAL;
        };
    }
}
