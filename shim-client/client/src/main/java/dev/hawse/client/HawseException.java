package dev.hawse.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of this library: a call that failed, at the server, on the way, or here. Its message is a sentence fit
 * to be shown. A command that ends with a non-zero code is no failure and never throws this.
 */
public final class HawseException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Code code;
    private final Reason reason;
    private final transient Map<String, String> metadata;
    private final transient List<FieldViolation> violations;
    private final transient @Nullable Duration retryAfter;

    HawseException(Code code, String message, @Nullable Throwable cause) {
        this(code, Reason.UNSPECIFIED, message, Map.of(), List.of(), null, cause);
    }

    HawseException(
            Code code,
            Reason reason,
            String message,
            Map<String, String> metadata,
            List<FieldViolation> violations,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
        this.violations = List.copyOf(violations);
        this.retryAfter = retryAfter;
    }

    /** The class of the failure. */
    public Code code() {
        return code;
    }

    /** Precisely why; {@link Reason#UNSPECIFIED} when the server did not say, or was not reached. */
    public Reason reason() {
        return reason;
    }

    /** The ids concerned, by "container", "image", "exec", "runtime" and such. Empty after serialisation. */
    public Map<String, String> metadata() {
        return metadata == null ? Map.of() : metadata;
    }

    /** The fields that were refused; empty unless the reason is {@link Reason#INVALID_FIELD}. */
    public List<FieldViolation> violations() {
        return violations == null ? List.of() : violations;
    }

    /** How long to wait before the same call has a chance, where waiting helps. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** Classes of failure. */
    public enum Code {
        INVALID_ARGUMENT,
        NOT_FOUND,
        ALREADY_EXISTS,
        PERMISSION_DENIED,
        UNAUTHENTICATED,
        FAILED_PRECONDITION,
        RESOURCE_EXHAUSTED,
        /** It lost against another call, or was cut off; trying again has a chance. */
        ABORTED,
        OUT_OF_RANGE,
        UNIMPLEMENTED,
        /** The server, or the runtime behind it, does not answer. */
        UNAVAILABLE,
        /** A time limit passed. Whether the call had an effect is not known. */
        TIMEOUT,
        /** The caller gave up: a session was closed, or the thread interrupted. */
        CANCELLED,
        /** Content is damaged, or an answer broke off before its end. */
        DATA_LOSS,
        INTERNAL,
        UNKNOWN
    }

    /** The closed set of the server's reasons. */
    public enum Reason {
        /** None was given, or one that this version of the client does not know. */
        UNSPECIFIED,
        INVALID_FIELD,
        PROTOCOL_VIOLATION,
        CONTAINER_NOT_FOUND,
        AMBIGUOUS_ID,
        NAME_IN_USE,
        CONTAINER_STATE,
        IMAGE_NOT_FOUND,
        IMAGE_IN_USE,
        INVALID_ARCHIVE,
        DIGEST_MISMATCH,
        PLATFORM_MISMATCH,
        USER_NOT_FOUND,
        OCI_RUNTIME_FAILED,
        RUNTIME_NOT_CONFIGURED,
        RUNTIME_UNAVAILABLE,
        RUNTIME_TIMEOUT,
        CAPABILITY_MISSING,
        SEQUENCE_OUT_OF_RANGE,
        LIMIT_REACHED,
        SHUTTING_DOWN,
        READER_TOO_SLOW,
        INTERNAL,
        PERMISSION_DENIED,
        CONFLICT,
        EXEC_NOT_FOUND,
        EXEC_STATE,
        WRITER_TAKEN,
        REQUEST_ID_REUSED,
        OFFSET_OUT_OF_RANGE,
        STATE_UNAVAILABLE,
        STATE_FULL
    }
}
