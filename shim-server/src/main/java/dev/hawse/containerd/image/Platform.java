package dev.hawse.containerd.image;

import dev.hawse.runtime.Text;
import java.util.List;
import java.util.Locale;

/**
 * What an image runs on, in Go's words, normalised: {@code x86_64} is {@code amd64}, and the variant that an architecture
 * has anyway is empty.
 */
record Platform(String os, String architecture, String variant) {

    /** The variants of 32-bit ARM that newer processors run too, the newest first. */
    private static final List<String> ARM = List.of("v7", "v6", "v5");

    Platform {
        architecture = switch (architecture) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            case "armhf", "armel" -> "arm";
            case "i386" -> "386";
            default -> architecture;
        };
        variant = switch (architecture + "/" + variant) {
            case "amd64/v1", "arm64/v8", "arm64/8", "arm/v7", "arm/7" -> "";
            default -> variant;
        };
    }

    /** Of this machine. */
    static Platform host() {
        return new Platform("linux", System.getProperty("os.arch").toLowerCase(Locale.ROOT), "");
    }

    /** How well this machine, if it is of this platform, runs an image of the other: less is better, negative not at all. */
    int rank(Platform image) {
        if (!os.equals(image.os) || !architecture.equals(image.architecture)) {
            return -1;
        }
        if (variant.equals(image.variant)) {
            return 0;
        }
        return architecture.equals("arm") ? ARM.indexOf(image.variant) : -1;
    }

    /** Whether anything runs there: attestations and the like have "unknown". */
    boolean isKnown() {
        return !os.equals("unknown") && !architecture.equals("unknown");
    }

    @Override
    public String toString() {
        return Text.printable(os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant));
    }
}
