package dev.hawse.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.HawseException.Reason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one place where a status becomes an exception. */
final class Failures {

    private static final String DOMAIN = "hawse.dev";

    private final String address;

    Failures(String address) {
        this.address = address;
    }

    HawseException from(Throwable t) {
        if (t instanceof HawseException e) {
            return e;
        }
        if (t instanceof io.grpc.StatusRuntimeException e) {
            return from(e.getStatus(), e.getTrailers(), e);
        }
        if (t instanceof io.grpc.StatusException e) {
            return from(e.getStatus(), e.getTrailers(), e);
        }
        return new HawseException(Code.INTERNAL, "the client failed: " + t, t);
    }

    HawseException from(Status status, @Nullable Metadata trailers, @Nullable Throwable cause) {
        var root = cause == null ? status.getCause() : cause;
        Reason reason = Reason.UNSPECIFIED;
        Map<String, String> metadata = Map.of();
        List<FieldViolation> violations = List.of();
        Duration retryAfter = null;
        if (trailers != null) {
            try {
                for (var detail :
                        StatusProto.fromStatusAndTrailers(status, trailers).getDetailsList()) {
                    if (detail.is(ErrorInfo.class)) {
                        var info = detail.unpack(ErrorInfo.class);
                        if (info.getDomain().equals(DOMAIN)) {
                            reason = reason(info.getReason());
                            metadata = info.getMetadataMap();
                        }
                    } else if (detail.is(BadRequest.class)) {
                        violations = detail.unpack(BadRequest.class).getFieldViolationsList().stream()
                                .map(v -> new FieldViolation(v.getField(), v.getDescription()))
                                .toList();
                    } else if (detail.is(RetryInfo.class)) {
                        retryAfter =
                                Values.duration(detail.unpack(RetryInfo.class).getRetryDelay());
                    }
                }
            } catch (InvalidProtocolBufferException | IllegalArgumentException ignored) {
                // The details are damaged: code and message still stand.
            }
        }
        return new HawseException(
                code(status.getCode()), reason, message(status), metadata, violations, retryAfter, root);
    }

    private String message(Status status) {
        for (Throwable t = status.getCause(); t != null; t = t.getCause()) {
            if (t instanceof ConnectException || t instanceof FileNotFoundException) {
                var why = why(t);
                return "cannot connect to " + address + ": is hawsed running?" + why;
            }
        }
        var description = status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                status.getCause() == null && description != null
                        ? description
                        : "the connection to " + address + " broke (" + description + ")";
            case DEADLINE_EXCEEDED ->
                status.getCause() == null && description != null && !isGrpcs(description)
                        ? description
                        : "the time limit passed before " + address + " answered";
            default -> description == null ? "the server failed with " + status.getCode() : description;
        };
    }

    /** What the kernel said, without the call and the number that it said it with. */
    private static String why(Throwable failure) {
        var message = failure.getMessage();
        if (message == null) {
            return failure instanceof FileNotFoundException ? " (no such file or directory)" : "";
        }
        return Stream.of("No such file or directory", "Connection refused", "Permission denied")
                .filter(message::contains)
                .findFirst()
                .map(why -> " (" + why.toLowerCase(Locale.ROOT) + ")")
                .orElse(" (" + message + ")");
    }

    /** grpc-java's own words for what happened on this side, as against a sentence from the server. */
    private static boolean isGrpcs(String description) {
        return Stream.of("deadline exceeded", "CallOptions deadline", "Network closed", "Channel shutdown")
                .anyMatch(description::contains);
    }

    private static Reason reason(String name) {
        for (var reason : Reason.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        return Reason.UNSPECIFIED;
    }

    private static Code code(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT -> Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Code.NOT_FOUND;
            case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
            case PERMISSION_DENIED -> Code.PERMISSION_DENIED;
            case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
            case FAILED_PRECONDITION -> Code.FAILED_PRECONDITION;
            case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
            case ABORTED -> Code.ABORTED;
            case OUT_OF_RANGE -> Code.OUT_OF_RANGE;
            case UNIMPLEMENTED -> Code.UNIMPLEMENTED;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Code.TIMEOUT;
            case CANCELLED -> Code.CANCELLED;
            case DATA_LOSS -> Code.DATA_LOSS;
            case INTERNAL -> Code.INTERNAL;
            case OK, UNKNOWN -> Code.UNKNOWN;
        };
    }
}
