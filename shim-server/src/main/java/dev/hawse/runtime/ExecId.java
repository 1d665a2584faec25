package dev.hawse.runtime;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A command's id: 64 lower-case hex digits. */
public record ExecId(String value) {

    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

    public ExecId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("an exec id has 64 lower-case hex digits");
        }
    }

    /** The id in this text; null when it is none. */
    public static @Nullable ExecId parse(String text) {
        return SHAPE.matcher(text).matches() ? new ExecId(text) : null;
    }

    public static ExecId random() {
        return new ExecId(ContainerId.randomHex());
    }

    @Override
    public String toString() {
        return value;
    }
}
