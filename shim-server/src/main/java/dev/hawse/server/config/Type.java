package dev.hawse.server.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A type of setting: how it is read from text and from TOML, and written as TOML.
 *
 * @param allowed what is, as it follows "must be"
 * @param text reads what environment and flags hold; null when that is outside of what is allowed
 * @param node reads what a file holds, as text; null when it has the wrong type
 * @param toml writes a value so that it can be read again
 */
record Type<T>(
        String allowed,
        Function<String, @Nullable T> text,
        Function<JsonNode, @Nullable String> node,
        Function<T, String> toml) {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern BYTES = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");
    private static final int MOST_SOCKET_PATH = 100;

    static Type<String> text(String allowed, Predicate<String> isAllowed) {
        return new Type<>(allowed, t -> isAllowed.test(t) ? t : null, Type::string, Type::quoted);
    }

    static Type<Path> path() {
        return new Type<>("an absolute path", Type::absolute, Type::string, p -> quoted(p.toString()));
    }

    /** A unix socket; the kernel takes 107 bytes, and its place while it is being made needs a few more than its name. */
    static Type<Path> socket() {
        return new Type<>(
                "unix:PATH with an absolute path of at most " + MOST_SOCKET_PATH + " bytes",
                t -> {
                    var path = absolute(withoutScheme(t));
                    return path == null || path.toString().getBytes(UTF_8).length > MOST_SOCKET_PATH ? null : path;
                },
                Type::string,
                p -> quoted("unix:" + p));
    }

    static Type<Integer> integer(int least, int most) {
        return new Type<>(
                "a number from " + least + " to " + most,
                t -> {
                    var number = t.matches("\\d{1,9}") ? Integer.parseInt(t) : -1;
                    return number < least || number > most ? null : number;
                },
                n -> n.isIntegralNumber() ? n.asText() : null,
                Object::toString);
    }

    static Type<Duration> duration(Duration least, Duration most) {
        return new Type<>(
                "a duration from " + written(least) + " to " + written(most) + ", as \"10s\" or \"500ms\"",
                t -> {
                    var duration = parseDuration(t);
                    return duration == null || duration.compareTo(least) < 0 || duration.compareTo(most) > 0
                            ? null
                            : duration;
                },
                Type::string,
                d -> quoted(written(d)));
    }

    static Type<Integer> bytes(int least, int most) {
        return new Type<>(
                "a size from " + size(least) + " to " + size(most) + ", as \"4MiB\"",
                t -> {
                    var matcher = BYTES.matcher(t);
                    var bytes = matcher.matches() ? Long.parseLong(matcher.group(1)) * unit(matcher.group(2)) : -1;
                    return bytes < least || bytes > most ? null : (int) bytes;
                },
                Type::string,
                b -> quoted(size(b)));
    }

    static <E extends Enum<E>> Type<E> oneOf(Class<E> type) {
        Function<E, String> name = e -> e.name().toLowerCase(Locale.ROOT);
        return new Type<>(
                "one of " + Arrays.stream(type.getEnumConstants()).map(name).collect(Collectors.joining(", ")),
                t -> Arrays.stream(type.getEnumConstants())
                        .filter(e -> name.apply(e).equals(t))
                        .findFirst()
                        .orElse(null),
                Type::string,
                e -> quoted(name.apply(e)));
    }

    /** In text, separated by commas. */
    static Type<List<String>> names(Predicate<String> isName) {
        return new Type<>(
                "a list of at least one name, none twice, each of A-Z a-z 0-9 _ . -",
                t -> {
                    var names = List.of(t.split(",", -1));
                    return names.stream().allMatch(isName)
                                    && names.stream().distinct().count() == names.size()
                            ? names
                            : null;
                },
                Type::strings,
                names -> names.stream().map(Type::quoted).collect(Collectors.joining(", ", "[", "]")));
    }

    /** May be empty; in text, separated by commas. */
    static Type<List<Path>> pathList() {
        return new Type<>(
                "a list of absolute paths without \"..\"",
                t -> {
                    var paths = new ArrayList<Path>();
                    for (var text : t.isEmpty() ? new String[0] : t.split(",", -1)) {
                        var path = absolute(text);
                        if (path == null) {
                            return null;
                        }
                        paths.add(path);
                    }
                    return paths;
                },
                Type::strings,
                paths -> paths.stream().map(p -> quoted(p.toString())).collect(Collectors.joining(", ", "[", "]")));
    }

    /** In text, as "name=/path,name=/path". */
    static Type<Map<String, String>> paths(Predicate<String> isName) {
        return new Type<>(
                "a table of names with an absolute path each",
                t -> {
                    var paths = new LinkedHashMap<String, String>();
                    for (var entry : t.isEmpty() ? new String[0] : t.split(",", -1)) {
                        var parts = entry.split("=", 2);
                        if (parts.length < 2 || !isName.test(parts[0]) || absolute(parts[1]) == null) {
                            return null;
                        }
                        paths.put(parts[0], parts[1]);
                    }
                    return paths;
                },
                n -> n.isObject() && n.valueStream().allMatch(JsonNode::isTextual)
                        ? n.propertyStream()
                                .map(e -> e.getKey() + "=" + e.getValue().textValue())
                                .collect(Collectors.joining(","))
                        : null,
                paths -> paths.entrySet().stream()
                        .map(e -> quoted(e.getKey()) + " = " + quoted(e.getValue()))
                        .collect(Collectors.joining(", ", "{", "}")));
    }

    private static @Nullable String strings(JsonNode node) {
        return node.isArray() && node.valueStream().allMatch(JsonNode::isTextual)
                ? node.valueStream().map(JsonNode::textValue).collect(Collectors.joining(","))
                : null;
    }

    private static @Nullable String string(JsonNode node) {
        return node.isTextual() ? node.textValue() : null;
    }

    private static String withoutScheme(String text) {
        return text.startsWith("unix://") ? text.substring(7) : text.startsWith("unix:") ? text.substring(5) : text;
    }

    private static @Nullable Path absolute(String text) {
        if (!text.startsWith("/")
                || text.indexOf('\0') >= 0
                || List.of(text.split("/")).contains("..")) {
            return null;
        }
        return Path.of(text).normalize();
    }

    private static @Nullable Duration parseDuration(String text) {
        var matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        var number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private static String written(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    private static long unit(String name) {
        return switch (name) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            default -> 1L;
        };
    }

    private static String size(int bytes) {
        for (var unit : List.of("GiB", "MiB", "KiB")) {
            if (bytes >= unit(unit) && bytes % unit(unit) == 0) {
                return bytes / unit(unit) + unit;
            }
        }
        return bytes + "B";
    }

    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> out.append('\\').append((char) c);
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append(String.format("\\u%04x", c));
                    } else {
                        out.append((char) c);
                    }
                }
            }
        });
        return out.append('"').toString();
    }
}
