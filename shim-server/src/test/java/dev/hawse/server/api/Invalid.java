package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawse.runtime.FieldViolation;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts that an input is refused, for the field that is wrong. */
final class Invalid {

    private Invalid() {}

    static void field(String field, ThrowingCallable call) {
        var failure = catchThrowableOfType(RuntimeFailure.class, call);
        assertThat(failure).isNotNull();
        assertThat(failure.reason()).isEqualTo(Reason.INVALID_FIELD);
        assertThat(failure.violations()).extracting(FieldViolation::field).containsExactly(field);
    }
}
