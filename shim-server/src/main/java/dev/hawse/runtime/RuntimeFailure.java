package dev.hawse.runtime;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed: a reason for programs, a sentence for people, and the ids concerned. Messages go to callers as they
 * are, so they hold no secret and nothing of this server's inside. Immutable.
 */
public final class RuntimeFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient Map<String, String> metadata;
    private final transient List<FieldViolation> violations;

    private RuntimeFailure(
            Reason reason,
            String message,
            Map<String, String> metadata,
            List<FieldViolation> violations,
            @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
        this.violations = List.copyOf(violations);
    }

    public static RuntimeFailure of(Reason reason, String message) {
        return new RuntimeFailure(reason, message, Map.of(), List.of(), null);
    }

    public static RuntimeFailure of(Reason reason, String message, Map<String, String> metadata) {
        return new RuntimeFailure(reason, message, metadata, List.of(), null);
    }

    public static RuntimeFailure of(Reason reason, String message, Map<String, String> metadata, Throwable cause) {
        return new RuntimeFailure(reason, message, metadata, List.of(), cause);
    }

    /** Bad input in one field: what is wrong with it, what was got, what is allowed. */
    public static RuntimeFailure invalid(String field, String message) {
        return invalid(List.of(new FieldViolation(field, message)));
    }

    /** Bad input in several fields, at least one. */
    public static RuntimeFailure invalid(List<FieldViolation> violations) {
        var first = violations.getFirst();
        return new RuntimeFailure(
                Reason.INVALID_FIELD, first.field() + ": " + first.message(), Map.of(), violations, null);
    }

    /** What one field asks for is not allowed to this caller: what was got, what is allowed. */
    public static RuntimeFailure denied(String field, String message) {
        return new RuntimeFailure(
                Reason.PERMISSION_DENIED,
                field + ": " + message,
                Map.of(),
                List.of(new FieldViolation(field, message)),
                null);
    }

    public static RuntimeFailure containerNotFound(String idOrName) {
        return of(
                Reason.CONTAINER_NOT_FOUND,
                "no container has the id, id prefix or name \"" + Text.printable(idOrName) + "\"",
                Map.of("container", Text.printable(idOrName)));
    }

    /** The container is in a state that does not allow the call. */
    public static RuntimeFailure containerState(ContainerId id, ContainerState state, String wanted) {
        return of(
                Reason.CONTAINER_STATE,
                "container " + id.shortForm() + words(state) + "; " + wanted,
                Map.of("container", id.value(), "state", state.name()));
    }

    private static String words(ContainerState state) {
        return switch (state) {
            case CREATED -> " has not been started";
            case RUNNING -> " is running";
            case PAUSED -> " is paused";
            case EXITED -> " has exited";
            case UNKNOWN -> " does not say how it is";
        };
    }

    public static RuntimeFailure internal(String message, @Nullable Throwable cause) {
        return new RuntimeFailure(Reason.INTERNAL, message, Map.of(), List.of(), cause);
    }

    public Reason reason() {
        return reason;
    }

    /** The ids concerned, by what they are of: "container", "image", "exec", "state". */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The fields concerned: of {@link Reason#INVALID_FIELD} at least one; of others mostly none. */
    public List<FieldViolation> violations() {
        return violations;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
