package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT1.5S", "PT-1.5S", "PT-0.000000001S", "PT-2S", "PT24H", "PT0.999999999S"})
    void durationsComeBack(Duration duration) {
        assertThat(Times.duration("d", Times.duration(duration))).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({
        "1,-1",
        "-1,1",
        "0,1000000000",
        "0,-1000000000",
        "315576000001,0",
        "-315576000001,0",
        "9223372036854775807,0",
        "-9223372036854775808,0",
        "0,-2147483648"
    })
    void durationsThatProtobufDoesNotHaveAreRefused(long seconds, int nanos) {
        var duration = com.google.protobuf.Duration.newBuilder()
                .setSeconds(seconds)
                .setNanos(nanos)
                .build();

        Invalid.field("d", () -> Times.duration("d", duration));
    }

    @Test
    void timesComeBack() {
        var instant = Instant.parse("1969-12-31T23:59:59.000000001Z");

        assertThat(Times.instant("t", Times.timestamp(instant))).isEqualTo(instant);
    }

    @ParameterizedTest
    @CsvSource({"-62135596801,0", "253402300800,0", "0,-1", "0,1000000000", "9223372036854775807,0"})
    void timesThatProtobufDoesNotHaveAreRefused(long seconds, int nanos) {
        var time = Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();

        Invalid.field("t", () -> Times.instant("t", time));
    }
}
