package dev.hawse.cli;

import dev.hawse.client.Mount;
import dev.hawse.client.Rlimit;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The values of Docker's flags, taken apart. What is not understood is refused with the flag's name. */
final class Flags {

    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*([bkmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern SPAN = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)");

    private Flags() {}

    /** "512m", "1g": powers of 1024, as Docker has them for memory. */
    static long size(String flag, String text) {
        var m = SIZE.matcher(text);
        if (!m.matches()) {
            throw new CliFailure(flag + ": not a size (got " + text + "), allowed is a number with b, k, m, g or t");
        }
        int power = "bkmgt".indexOf(m.group(2).toLowerCase(Locale.ROOT));
        try {
            return Math.multiplyExact(Long.parseLong(m.group(1)), 1L << (10 * Math.max(0, power)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new CliFailure(flag + ": too large (got " + text + ")");
        }
    }

    /** "1.5" processors in thousandths. */
    static long cpuMillis(String text) {
        try {
            long millis = new BigDecimal(text).movePointRight(3).longValueExact();
            if (millis > 0) {
                return millis;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Said below.
        }
        throw new CliFailure("--cpus: not a number of processors (got " + text + "), allowed is 0.01 and more");
    }

    /** Of an event: 1 and more. */
    static long number(String flag, String text) {
        if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) < 1) {
            throw new CliFailure(flag + ": not the number of an event (got " + text
                    + "), allowed is 1 and more, as each event shows its own behind \"#\"");
        }
        return Long.parseLong(text);
    }

    static long positive(String flag, long value) {
        if (value < 1) {
            throw new CliFailure(flag + ": out of range (got " + value + "), allowed is 1 and more");
        }
        return value;
    }

    /** Variables from files, then from flags; "KEY" alone takes the value from our own environment, if it is there. */
    static Map<String, String> env(List<String> files, List<String> flags, Map<String, String> own) throws IOException {
        var env = new LinkedHashMap<String, String>();
        for (var file : files) {
            for (var line : Files.readAllLines(Path.of(file))) {
                var text = line.stripLeading();
                if (!text.isEmpty() && !text.startsWith("#")) {
                    variable(text, own, env);
                }
            }
        }
        for (var flag : flags) {
            variable(flag, own, env);
        }
        return env;
    }

    private static void variable(String text, Map<String, String> own, Map<String, String> into) {
        int equals = text.indexOf('=');
        var key = equals < 0 ? text : text.substring(0, equals);
        var value = equals < 0 ? own.get(text) : text.substring(equals + 1);
        if (key.isBlank()) {
            throw new CliFailure("--env: no name before the value (got " + text + ")");
        }
        if (value != null) {
            into.put(key, value);
        }
    }

    /** "KEY=value", or "KEY" for an empty value. */
    static Map<String, String> labels(List<String> flags) {
        var labels = new LinkedHashMap<String, String>();
        for (var flag : flags) {
            int equals = flag.indexOf('=');
            labels.put(equals < 0 ? flag : flag.substring(0, equals), equals < 0 ? "" : flag.substring(equals + 1));
        }
        return labels;
    }

    /** {@code -v SOURCE:TARGET[:ro|rw]}. */
    static Mount volume(String text) {
        var parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || !parts[0].startsWith("/")) {
            throw new CliFailure(
                    "--volume: not understood (got " + text + "), allowed is /absolute/source:/target[:ro]");
        }
        boolean readOnly = false;
        if (parts.length == 3) {
            readOnly = switch (parts[2]) {
                case "ro" -> true;
                case "rw" -> false;
                default ->
                    throw new CliFailure("--volume: unknown option (got " + parts[2] + "), allowed are ro and rw");
            };
        }
        return new Mount.Bind(parts[0], parts[1], readOnly);
    }

    /** {@code --mount type=bind,source=…,target=…[,readonly]} and {@code type=tmpfs,target=…[,tmpfs-size=…,tmpfs-mode=…]}. */
    static Mount mount(String text) {
        var fields = options(text, ",");
        var type = fields.getOrDefault("type", "bind");
        var target = first(fields, "target", "destination", "dst");
        if (target == null) {
            throw new CliFailure("--mount: no target (got " + text + ")");
        }
        return switch (type) {
            case "bind" -> {
                var source = first(fields, "source", "src");
                if (source == null) {
                    throw new CliFailure("--mount: no source (got " + text + ")");
                }
                var readOnly = first(fields, "readonly", "ro");
                yield new Mount.Bind(source, target, readOnly != null && !readOnly.equals("false"));
            }
            case "tmpfs" -> tmpfs("--mount", target, fields.get("tmpfs-size"), fields.get("tmpfs-mode"));
            default -> throw new CliFailure("--mount: unknown type (got " + type + "), allowed are bind and tmpfs");
        };
    }

    /** {@code --tmpfs TARGET[:size=…,mode=…]}. */
    static Mount tmpfs(String text) {
        int colon = text.indexOf(':');
        var target = colon < 0 ? text : text.substring(0, colon);
        var fields = colon < 0 ? Map.<String, String>of() : options(text.substring(colon + 1), ",");
        return tmpfs("--tmpfs", target, fields.get("size"), fields.get("mode"));
    }

    private static Mount tmpfs(String flag, String target, @Nullable String size, @Nullable String mode) {
        try {
            return new Mount.Tmpfs(
                    target,
                    size == null ? null : (Long) size(flag, size),
                    mode == null ? null : (Integer) Integer.parseInt(mode, 8));
        } catch (NumberFormatException e) {
            throw new CliFailure(flag + ": mode is no octal number (got " + mode + ")");
        }
    }

    private static Map<String, String> options(String text, String separator) {
        var options = new LinkedHashMap<String, String>();
        for (var option : text.split(separator, -1)) {
            int equals = option.indexOf('=');
            options.put(
                    equals < 0 ? option : option.substring(0, equals),
                    equals < 0 ? "true" : option.substring(equals + 1));
        }
        return options;
    }

    private static @Nullable String first(Map<String, String> fields, String... names) {
        for (var name : names) {
            var value = fields.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** {@code --ulimit NAME=SOFT[:HARD]}; -1 is no limit. */
    static Rlimit ulimit(String text) {
        int equals = text.indexOf('=');
        try {
            if (equals > 0) {
                var limits = text.substring(equals + 1).split(":", 2);
                long soft = Long.parseLong(limits[0]);
                return new Rlimit(
                        text.substring(0, equals), soft, limits.length == 1 ? soft : Long.parseLong(limits[1]));
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new CliFailure("--ulimit: not understood (got " + text + "), allowed is NAME=SOFT[:HARD]");
    }

    /** A time, seconds since 1970, or how long ago: "10m", "1h30m". */
    static Instant time(String flag, String text, Instant now) {
        try {
            if (text.matches("\\d+(\\.\\d+)?")) {
                var nanos = new BigDecimal(text).movePointRight(9).toBigInteger();
                return Instant.EPOCH
                        .plusSeconds(nanos.divide(java.math.BigInteger.valueOf(1_000_000_000))
                                .longValueExact())
                        .plusNanos(nanos.mod(java.math.BigInteger.valueOf(1_000_000_000))
                                .longValue());
            }
            if (text.matches("(" + SPAN + ")+")) {
                return now.minus(span(text));
            }
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new CliFailure(flag + ": not a time (got " + text
                    + "), allowed are 2026-11-21T10:00:00Z, seconds since 1970, and a span such as 10m or 1h30m");
        }
    }

    /** "90s", "1h30m", or a number of seconds. */
    static Duration duration(String flag, String text) {
        try {
            if (text.matches("\\d+(\\.\\d+)?")) {
                return span(text + "s");
            }
            if (text.matches("(" + SPAN + ")+")) {
                return span(text);
            }
        } catch (ArithmeticException e) {
            // Said below.
        }
        throw new CliFailure(
                flag + ": not a time (got " + text + "), allowed are seconds and spans such as 90s or 1h30m");
    }

    private static Duration span(String text) {
        var total = Duration.ZERO;
        var m = SPAN.matcher(text);
        while (m.find()) {
            long unit = switch (m.group(2)) {
                case "ms" -> 1;
                case "s" -> 1000;
                case "m" -> 60_000;
                case "h" -> 3_600_000;
                default -> 86_400_000;
            };
            total = total.plusMillis(new BigDecimal(m.group(1))
                    .multiply(BigDecimal.valueOf(unit))
                    .longValue());
        }
        return total;
    }
}
