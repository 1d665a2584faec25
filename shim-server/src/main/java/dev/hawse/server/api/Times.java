package dev.hawse.server.api;

import com.google.protobuf.Timestamp;
import dev.hawse.runtime.RuntimeFailure;
import java.time.Duration;
import java.time.Instant;

/** Times and durations, both ways. Those of callers are within what protobuf allows, or refused. */
final class Times {

    /** Year 1 to 9999, as google.protobuf.Timestamp has it. */
    private static final long FIRST_SECOND = -62135596800L;

    private static final long LAST_SECOND = 253402300799L;

    /** About 10000 years, as google.protobuf.Duration has it. */
    private static final long MOST_SECONDS = 315576000000L;

    private static final int NANOS = 1_000_000_000;

    private Times() {}

    static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    static Instant instant(String field, Timestamp time) {
        if (time.getSeconds() < FIRST_SECOND
                || time.getSeconds() > LAST_SECOND
                || time.getNanos() < 0
                || time.getNanos() >= NANOS) {
            throw RuntimeFailure.invalid(field, "must be a time of the years 1 to 9999");
        }
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    /** Protobuf wants seconds and nanoseconds of the same sign; the JDK's nanoseconds are never negative. */
    static com.google.protobuf.Duration duration(Duration duration) {
        var borrow = duration.isNegative() && duration.getNano() > 0 ? 1 : 0;
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds() + borrow)
                .setNanos(duration.getNano() - borrow * NANOS)
                .build();
    }

    static Duration duration(String field, com.google.protobuf.Duration duration) {
        var seconds = duration.getSeconds();
        var nanos = duration.getNanos();
        if (Math.abs(seconds) > MOST_SECONDS
                || seconds == Long.MIN_VALUE
                || Math.abs((long) nanos) >= NANOS
                || (seconds > 0 && nanos < 0)
                || (seconds < 0 && nanos > 0)) {
            throw RuntimeFailure.invalid(
                    field, "must be a duration of at most 10000 years, its seconds and nanoseconds of the same sign");
        }
        return Duration.ofSeconds(seconds, nanos);
    }
}
