package dev.hawse.client;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Times and enumerations between the wire and Java. */
final class Values {

    private Values() {}

    static java.time.Duration duration(Duration d) {
        return java.time.Duration.ofSeconds(d.getSeconds(), d.getNanos());
    }

    static Duration duration(java.time.Duration d) {
        return Duration.newBuilder()
                .setSeconds(d.getSeconds())
                .setNanos(d.getNano())
                .build();
    }

    static Instant instant(Timestamp t) {
        return Instant.ofEpochSecond(t.getSeconds(), t.getNanos());
    }

    static @Nullable Instant instant(boolean present, Timestamp t) {
        return present ? instant(t) : null;
    }

    static Timestamp timestamp(Instant t) {
        return Timestamp.newBuilder()
                .setSeconds(t.getEpochSecond())
                .setNanos(t.getNano())
                .build();
    }

    /** The constant whose name on the wire is the prefix and its own; {@code unknown} when a newer server sent another. */
    static <E extends Enum<E>> E fromWire(Class<E> type, Enum<?> wire, String prefix, E unknown) {
        if (wire.name().startsWith(prefix)) {
            String name = wire.name().substring(prefix.length());
            for (E constant : type.getEnumConstants()) {
                if (constant.name().equals(name)) {
                    return constant;
                }
            }
        }
        return unknown;
    }

    /** The constant on the wire for ours; an {@code UNKNOWN} of ours has none. */
    static <W extends Enum<W>> W toWire(Class<W> type, Enum<?> ours, String prefix) {
        for (W constant : type.getEnumConstants()) {
            if (constant.name().equals(prefix + ours.name())) {
                return constant;
            }
        }
        throw new IllegalArgumentException(ours + " cannot be asked for");
    }

    static RuntimeKind runtime(dev.hawse.api.runtime.v1.RuntimeKind wire) {
        return fromWire(RuntimeKind.class, wire, "RUNTIME_KIND_", RuntimeKind.UNKNOWN);
    }

    static dev.hawse.api.runtime.v1.RuntimeKind runtime(@Nullable RuntimeKind kind) {
        return kind == null
                ? dev.hawse.api.runtime.v1.RuntimeKind.RUNTIME_KIND_UNSPECIFIED
                : toWire(dev.hawse.api.runtime.v1.RuntimeKind.class, kind, "RUNTIME_KIND_");
    }
}
