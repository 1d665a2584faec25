package dev.hawse.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times, sizes and names as people like them. */
final class Human {

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Human() {}

    /** "5 minutes ago". */
    static String ago(@Nullable Instant time, Instant now) {
        return time == null ? "" : span(Duration.between(time, now)) + " ago";
    }

    /** "5 minutes", of the largest unit that fits at least once; weeks, months and years from two on. */
    static String span(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        long days = seconds / 86400;
        if (seconds < 1) {
            return "less than a second";
        } else if (seconds < 60) {
            return count(seconds, "second");
        } else if (seconds < 3600) {
            return count(seconds / 60, "minute");
        } else if (days < 1) {
            return count(seconds / 3600, "hour");
        } else if (days < 14) {
            return count(days, "day");
        } else if (days < 60) {
            return count(days / 7, "week");
        } else if (days < 730) {
            return count(days / 30, "month");
        }
        return count(days / 365, "year");
    }

    private static String count(long n, String unit) {
        return n + " " + unit + (n == 1 ? "" : "s");
    }

    /** "4.26MB": three digits, in powers of a thousand, as Docker has them. */
    static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        var format = unit == 0 || value >= 100 ? "%.0f%s" : value >= 10 ? "%.1f%s" : "%.2f%s";
        return String.format(Locale.ROOT, format, value, UNITS[unit]);
    }

    /** "15.5GiB": in powers of 1024, as memory is sold and Docker shows it. */
    static String memory(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        var format = unit == 0 || value >= 100 ? "%.0f%s" : value >= 10 ? "%.1f%s" : "%.2f%s";
        return String.format(Locale.ROOT, format, value, BINARY_UNITS[unit]);
    }

    /** An image's name without what Docker leaves out: the default registry and its library. */
    static String image(String name) {
        var short1 = name.startsWith("docker.io/") ? name.substring("docker.io/".length()) : name;
        return short1.startsWith("library/") ? short1.substring("library/".length()) : short1;
    }

    /** The first 12 digits of an id or a digest. */
    static String id(String idOrDigest) {
        var hex = idOrDigest.substring(idOrDigest.indexOf(':') + 1);
        return hex.substring(0, Math.min(12, hex.length()));
    }

    /** A command line, quoted, at most so many characters. */
    static String command(Iterable<String> words, int most) {
        var line = String.join(" ", words);
        var cut = line.codePointCount(0, line.length()) <= most
                ? line
                : line.substring(0, line.offsetByCodePoints(0, most - 1)) + "…";
        return '"' + cut + '"';
    }
}
