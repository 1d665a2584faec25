package dev.hawse.containerd.oci;

import java.util.Comparator;
import java.util.regex.Pattern;

/** A version of Linux, as far as features go by it. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {

    private static final Pattern RELEASE = Pattern.compile("([0-9]{1,5})\\.([0-9]{1,5})");

    /** Reads "6.1" as well as "6.1.0-28-amd64". */
    static KernelVersion parse(String release) {
        var match = RELEASE.matcher(release);
        if (!match.lookingAt()) {
            throw new IllegalArgumentException("kernel release: does not begin with two numbers (got " + release + ")");
        }
        return new KernelVersion(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)));
    }

    boolean atLeast(KernelVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(KernelVersion other) {
        return Comparator.comparingInt(KernelVersion::major)
                .thenComparingInt(KernelVersion::minor)
                .compare(this, other);
    }
}
