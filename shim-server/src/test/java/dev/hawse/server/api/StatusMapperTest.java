package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.hawse.api.runtime.v1.ErrorReason;
import dev.hawse.runtime.FieldViolation;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusMapperTest {

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonHasItsCodeAndItsName(Reason reason) {
        var status = StatusMapper.toException(RuntimeFailure.of(reason, "what happened", Map.of("container", "c1")));

        assertThat(status.getStatus().getCode().name()).isEqualTo(reason.code().name());
        var info = detail(status, ErrorInfo.class).orElseThrow();
        assertThat(info.getDomain()).isEqualTo("hawse.dev");
        assertThat(info.getReason()).isEqualTo(reason.name());
        assertThat(info.getMetadataMap()).containsEntry("container", "c1");
        assertThat(ErrorReason.values()).extracting(Enum::name).contains("ERROR_REASON_" + reason.name());
        assertThat(detail(status, RetryInfo.class).isPresent()).isEqualTo(reason.code() == Reason.Code.UNAVAILABLE);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorReason.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"ERROR_REASON_UNSPECIFIED", "UNRECOGNIZED"})
    void everyReasonOfTheApiIsOneOfThePort(ErrorReason reason) {
        assertThat(Reason.values()).extracting(r -> "ERROR_REASON_" + r.name()).contains(reason.name());
    }

    @Test
    void everyViolationIsTold() {
        var bad = detail(
                        StatusMapper.toException(RuntimeFailure.invalid(
                                List.of(new FieldViolation("a", "is wrong"), new FieldViolation("b[2].c", "is too")))),
                        BadRequest.class)
                .orElseThrow();

        assertThat(bad.getFieldViolationsList())
                .extracting(v -> v.getField() + ": " + v.getDescription())
                .containsExactly("a: is wrong", "b[2].c: is too");
    }

    @Test
    void whatIsNoRuntimeFailureIsToldByAnIdAlone() {
        var thrown = new IllegalStateException("secret path /root/.ssh", new RuntimeException("another secret"));

        var status = StatusMapper.toException(thrown);

        assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        var proto = StatusProto.fromThrowable(status);
        assertThat(String.valueOf(proto)).doesNotContain("secret").doesNotContain("Exception");
        assertThat(detail(status, ErrorInfo.class).orElseThrow().getMetadataMap())
                .hasEntrySatisfying("error", id -> assertThat(id).matches("[0-9a-f]{16}"));
    }

    @Test
    void aFailureThatAFutureWrappedIsItself() {
        var status = StatusMapper.toException(new CompletionException(RuntimeFailure.containerNotFound("x")));

        assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void aCancelledFutureIsCancelled() {
        assertThat(StatusMapper.toException(new CancellationException())
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.CANCELLED);
    }

    @Test
    void theLargestFailureFitsInHeaders() {
        var long_ = "ß".repeat(5000);
        var violations = IntStream.range(0, 32)
                .mapToObj(i -> new FieldViolation(long_, long_))
                .toList();

        var proto = StatusProto.fromThrowable(StatusMapper.toException(RuntimeFailure.invalid(violations)));

        assertThat(Objects.requireNonNull(proto).getSerializedSize()).isLessThan(3600);
        assertThat(proto.getMessage()).endsWith("…");
    }

    private static <T extends Message> Optional<T> detail(Throwable status, Class<T> type) {
        return Objects.requireNonNull(StatusProto.fromThrowable(status)).getDetailsList().stream()
                .filter(any -> any.is(type))
                .map(any -> unpack(any, type))
                .findFirst();
    }

    private static <T extends Message> T unpack(Any any, Class<T> type) {
        try {
            return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
