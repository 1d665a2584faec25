package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.hawse.runtime.Reason;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Something that a caller should not send, and what it is told.
 *
 * @param cases the numbers in the list of bad inputs that the tests go by
 * @param what a sentence's beginning: who sends what
 * @param field which the failure is about; empty for none
 * @param message a part of it
 * @param note why the answer is what it is, where one could expect another
 */
record BadInput(String cases, String what, Reason reason, String field, String message, String note, Call call) {

    /** Sends it; throws what it is told. */
    interface Call {
        void by(Stranger stranger);
    }

    static BadInput refused(String cases, String what, Reason reason, String field, String message, Call call) {
        return new BadInput(cases, what, reason, field, message, "", call);
    }

    static BadInput invalid(String cases, String what, String field, String message, Call call) {
        return refused(cases, what, Reason.INVALID_FIELD, field, message, call);
    }

    BadInput because(String why) {
        return new BadInput(cases, what, reason, field, message, why, call);
    }

    /** Sends it and looks at the answer. */
    void check(Stranger stranger) {
        var e = catchThrowableOfType(StatusRuntimeException.class, () -> call.by(stranger));
        assertThat(e).as("%s", this).isNotNull();
        var text = String.valueOf(e.getStatus().getDescription());
        assertThat(e.getStatus().getCode().name())
                .as("%s: %s", this, text)
                .isEqualTo(reason.code().name());
        var info = detail(e, ErrorInfo.class);
        assertThat(info.getDomain()).isEqualTo("hawse.dev");
        assertThat(info.getReason()).as("%s: %s", this, text).isEqualTo(reason.name());
        if (!field.isEmpty()) {
            assertThat(detail(e, BadRequest.class).getFieldViolationsList())
                    .as("%s: %s", this, text)
                    .extracting(BadRequest.FieldViolation::getField)
                    .contains(field);
            assertThat(text).startsWith(field + ": ");
        }
        assertThat(text).contains(message);
        expectFitToBeShown(text);
        assertThat(info.toString() + e.getTrailers())
                .doesNotContain("Exception")
                .doesNotContain("at dev.hawse");
    }

    private static void expectFitToBeShown(String text) {
        assertThat(text.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(1024);
        assertThat(text.codePoints().filter(Character::isISOControl).boxed().toList())
                .isEmpty();
        assertThat(text).doesNotContain("\u202e");
    }

    private static <T extends com.google.protobuf.Message> T detail(StatusRuntimeException e, Class<T> type) {
        var details = Objects.requireNonNull(StatusProto.fromThrowable(e)).getDetailsList();
        try {
            for (var detail : details) {
                if (detail.is(type)) {
                    return detail.unpack(type);
                }
            }
        } catch (InvalidProtocolBufferException unreadable) {
            throw new AssertionError(unreadable);
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + List.of(details) + " of " + e);
    }

    @Override
    public String toString() {
        return "case " + cases + ": " + what + " is told " + reason.code() + ", " + reason
                + (field.isEmpty() ? "" : " of " + field) + (note.isEmpty() ? "" : " (" + note + ")");
    }
}
