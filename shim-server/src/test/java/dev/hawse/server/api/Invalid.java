package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import dev.hawse.runtime.FieldViolation;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Objects;
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

    /** The fields that a call is refused for, as its status names them. */
    static List<String> fields(ThrowingCallable call) {
        var refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        assertThat(ApiFixture.errorInfo(refused).getReason()).isEqualTo(Reason.INVALID_FIELD.name());
        try {
            return Objects.requireNonNull(StatusProto.fromThrowable(refused))
                    .getDetails(1)
                    .unpack(BadRequest.class)
                    .getFieldViolationsList()
                    .stream()
                    .map(BadRequest.FieldViolation::getField)
                    .toList();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
