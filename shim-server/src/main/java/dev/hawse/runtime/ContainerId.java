package dev.hawse.runtime;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A container's id: 64 lower-case hex digits. */
public record ContainerId(String value) {

    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");
    private static final SecureRandom RANDOM = new SecureRandom();

    public ContainerId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("a container id has 64 lower-case hex digits");
        }
    }

    public static boolean isWhole(String text) {
        return SHAPE.matcher(text).matches();
    }

    public static ContainerId random() {
        return new ContainerId(randomHex());
    }

    static String randomHex() {
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The first 12 digits, as people read them. */
    public String shortForm() {
        return value.substring(0, 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
