package dev.hawse.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.hawse.runtime.Text;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings: what counts is a flag, else the environment, else the file, else the default. Nothing that is set is
 * ignored: a key that there is none of, or a value that is not allowed, is an error that says so.
 */
public final class ConfigLoader {

    /** Read when no other file is named; need not be there. */
    public static final Path DEFAULT_FILE = Path.of("/etc/hawse/config.toml");

    /** Of the client, which may run in the same environment. */
    private static final Set<String> CLIENT_VARIABLES = Set.of("HAWSE_ADDRESS");

    private final Values values = new Values();

    private ConfigLoader() {}

    /**
     * Reads all of them.
     *
     * @param file which must be there, or null for {@link #DEFAULT_FILE}
     * @param environment of which all that begins with "HAWSE_" counts
     * @throws ConfigException for the first thing that is wrong
     */
    public static Loaded load(@Nullable Path file, Map<String, String> environment, List<Flag> flags) {
        var loader = new ConfigLoader();
        loader.file(file);
        loader.environment(environment);
        loader.flags(flags);
        return new Loaded(loader.values.toConfig(), loader.values.toToml());
    }

    private void file(@Nullable Path named) {
        var file = named == null ? DEFAULT_FILE : named;
        String text;
        try {
            text = Files.readString(file);
            var permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                    || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
                throw new ConfigException(file + ": must be writable by its owner alone; chmod go-w " + file);
            }
        } catch (NoSuchFileException e) {
            if (named == null) {
                return;
            }
            throw new ConfigException(file + ": there is no such file");
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + ": is not UTF-8");
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage());
        }
        try {
            table("", new TomlMapper().readTree(text), file);
        } catch (JsonProcessingException e) {
            throw new ConfigException(file + ", line " + e.getLocation().getLineNr() + ": "
                    + Text.printable(String.valueOf(e.getOriginalMessage())));
        }
    }

    private void table(String prefix, JsonNode table, Path file) {
        for (var entry : table.properties()) {
            var key = prefix + entry.getKey();
            var node = entry.getValue();
            var setting = find(key);
            if (setting != null) {
                var text = setting.type().node().apply(node);
                if (text == null) {
                    throw Values.wrong(setting, Text.printable(node.toString()), file.toString());
                }
                values.set(setting, text, file.toString());
            } else if (isSection(key) && node.isObject()) {
                table(key + ".", node, file);
            } else if (isSection(key)) {
                throw new ConfigException(file + ": " + key + " must be a table, as [" + key + "]");
            } else {
                throw unknown("key", key, keys(), file.toString());
            }
        }
    }

    private void environment(Map<String, String> environment) {
        for (var entry : new TreeMap<>(environment).entrySet()) {
            var variable = entry.getKey();
            if (!variable.startsWith("HAWSE_") || CLIENT_VARIABLES.contains(variable)) {
                continue;
            }
            var setting = Setting.ALL.stream()
                    .filter(s -> s.variable().equals(variable))
                    .findFirst()
                    .orElseThrow(() -> unknown(
                            "variable",
                            variable,
                            Setting.ALL.stream().map(Setting::variable).toList(),
                            "the environment"));
            values.set(setting, entry.getValue(), variable);
        }
    }

    private void flags(List<Flag> flags) {
        for (var flag : flags) {
            var setting = find(flag.key());
            if (setting == null) {
                throw unknown("key", flag.key(), keys(), flag.name());
            }
            values.set(setting, flag.value(), flag.name());
        }
    }

    private static @Nullable Setting<?> find(String key) {
        return Setting.ALL.stream().filter(s -> s.key().equals(key)).findFirst().orElse(null);
    }

    private static boolean isSection(String key) {
        return Setting.ALL.stream().anyMatch(s -> s.section().equals(key));
    }

    private static List<String> keys() {
        return Setting.ALL.stream().map(Setting::key).toList();
    }

    private static ConfigException unknown(String what, String got, Collection<String> known, String source) {
        var shown = Text.printable(got);
        var nearest = known.stream()
                .min(Comparator.comparingInt(k -> distance(k, shown)))
                .orElseThrow();
        var hint = distance(nearest, shown) <= nearest.length() / 3
                ? "the nearest is " + nearest
                : "--print-config shows all";
        return new ConfigException("there is no " + what + " " + shown + " (from " + source + "); " + hint);
    }

    /** How many letters must be put in, taken out or changed to make one of the other; after Levenshtein. */
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                var changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    /**
     * A setting of the command line.
     *
     * @param name as the user wrote it, for messages
     */
    public record Flag(String name, String key, String value) {}

    /**
     * What was read.
     *
     * @param toml a file that sets the same, with a note where each value comes from
     */
    public record Loaded(HawseConfig config, String toml) {}
}
