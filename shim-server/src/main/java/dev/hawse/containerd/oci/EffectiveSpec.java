package dev.hawse.containerd.oci;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerSpecRules;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was asked for with the image's defaults filled in, by Docker's rules. Merging it again with the same image changes
 * nothing. Immutable.
 *
 * @param spec entrypoint and stop signal are never null; env is the whole environment
 * @param commandLine the entrypoint and its arguments, at least the program
 * @param env as "KEY=value", each key once
 * @param warnings what of the image could not be kept, as sentences
 */
public record EffectiveSpec(ContainerSpec spec, List<String> commandLine, List<String> env, List<String> warnings) {

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int MOST_LABELS = 256;

    public EffectiveSpec {
        commandLine = List.copyOf(commandLine);
        env = List.copyOf(env);
        warnings = List.copyOf(warnings);
    }

    /** @throws RuntimeFailure when there is nothing to run, or what the image says is not allowed */
    public static EffectiveSpec merge(ContainerSpec asked, ImageConfig image, ContainerId id) {
        var warnings = new ArrayList<String>();
        var ownEntrypoint = asked.entrypoint();
        var entrypoint = oneEmptyIsNone(ownEntrypoint == null ? image.entrypoint() : ownEntrypoint);
        var args = ownEntrypoint == null && asked.args().isEmpty() ? image.cmd() : asked.args();
        var commandLine = new ArrayList<>(entrypoint);
        commandLine.addAll(args);
        if (commandLine.isEmpty() || commandLine.getFirst().isEmpty()) {
            throw RuntimeFailure.invalid("args", "must name a program: the image has no command of its own to run");
        }
        var hostname =
                asked.network() == NetworkMode.HOST || !asked.hostname().isEmpty() ? asked.hostname() : id.shortForm();
        var env = env(asked, image, hostname, warnings);
        var spec = checked(asked.toBuilder()
                .entrypoint(entrypoint)
                .args(args)
                .env(env)
                .workingDir(firstSet(asked.workingDir(), image.workingDir(), "/"))
                .user(firstSet(asked.user(), image.user(), ""))
                .hostname(hostname)
                .stopSignal(stopSignal(asked, image, warnings))
                .labels(labels(asked, image, warnings)));
        var lines = env.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
        return new EffectiveSpec(spec, commandLine, lines, warnings);
    }

    /** Images made with {@code ENTRYPOINT [""]} mean none. */
    private static List<String> oneEmptyIsNone(List<String> entrypoint) {
        return entrypoint.equals(List.of("")) ? List.of() : entrypoint;
    }

    private static Map<String, String> env(
            ContainerSpec asked, ImageConfig image, String hostname, List<String> warnings) {
        var env = new LinkedHashMap<String, String>();
        env.put("PATH", DEFAULT_PATH);
        if (!hostname.isEmpty()) {
            env.put("HOSTNAME", hostname);
        }
        if (asked.io().terminal()) {
            env.put("TERM", "xterm");
        }
        for (var line : image.env()) {
            var equals = line.indexOf('=');
            if (equals < 1 || line.indexOf('\0') >= 0) {
                warnings.add("the image's environment has no KEY=value in \"" + Text.printable(line)
                        + "\", which is left out");
            } else {
                env.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        env.putAll(asked.env());
        return env;
    }

    private static Signal stopSignal(ContainerSpec asked, ImageConfig image, List<String> warnings) {
        if (asked.stopSignal() != null) {
            return asked.stopSignal();
        }
        if (image.stopSignal().isBlank()) {
            return Signal.TERM;
        }
        try {
            return Signal.parse(image.stopSignal());
        } catch (RuntimeFailure e) {
            warnings.add("the image's stop signal \"" + Text.printable(image.stopSignal())
                    + "\" is none that Linux has; TERM is used");
            return Signal.TERM;
        }
    }

    /** The image's first, in the order of their keys so that the same ones are left out every time. */
    private static Map<String, String> labels(ContainerSpec asked, ImageConfig image, List<String> warnings) {
        var labels = new TreeMap<>(asked.labels());
        new TreeMap<>(image.labels()).forEach((key, value) -> {
            if (labels.containsKey(key)) {
                return;
            }
            if (!ContainerSpecRules.isAllowedLabel(key, value)) {
                warnings.add(
                        "the image's label \"" + Text.printable(key) + "\" is reserved or too long, and is left out");
            } else if (labels.size() == MOST_LABELS) {
                warnings.add("the image's label \"" + Text.printable(key) + "\" is left out: at most " + MOST_LABELS
                        + " are allowed");
            } else {
                labels.put(key, value);
            }
        });
        return labels;
    }

    private static String firstSet(String first, String second, String otherwise) {
        return !first.isEmpty() ? first : !second.isEmpty() ? second : otherwise;
    }

    /** What was asked for has been checked before, so a violation is of what the image added. */
    private static ContainerSpec checked(ContainerSpec.Builder builder) {
        try {
            return builder.build();
        } catch (RuntimeFailure e) {
            throw RuntimeFailure.invalid("image", "its configuration is not allowed: " + e.getMessage());
        }
    }
}
