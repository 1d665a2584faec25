package dev.hawse.runtime;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is allowed of a {@link ContainerSpec}, whatever the engine. */
public final class ContainerSpecRules {

    private static final long MIN_MEMORY = 6L << 20;
    private static final Duration MAX_GRACE = Duration.ofHours(24);
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}");
    private static final Pattern HOSTNAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?");
    private static final Pattern CPUSET = Pattern.compile("[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*");
    private static final List<String> RESERVED_LABELS =
            List.of("containerd.io/", "io.containerd", "io.cri-containerd", "nerdctl/", "hawse.dev/");
    private static final Set<String> RLIMITS = Set.of(
            "as",
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack");

    private static final Set<String> TAKEN = Set.of("/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/mqueue");

    private ContainerSpecRules() {}

    /** @throws RuntimeFailure with {@link Reason#INVALID_FIELD} and every violation */
    static void check(ContainerSpec spec) {
        var out = new Violations();
        if (spec.image().isBlank()) {
            out.add("image", "is required");
        }
        if (!spec.name().isEmpty()) {
            name("name", spec.name(), out);
        }
        commandLine(spec, out);
        ProcessRules.workingDir(spec.workingDir(), out);
        ProcessRules.user(spec.user(), out);
        hostname(spec, out);
        resources(spec.resources(), out);
        mounts(spec.mounts(), out);
        capabilities("cap_add", spec.capAdd(), out);
        capabilities("cap_drop", spec.capDrop(), out);
        rlimits(spec.rlimits(), out);
        labels(spec.labels(), out);
        grace("stop_grace", spec.stopGrace(), out);
        out.check();
    }

    /** @throws RuntimeFailure when this is no name for a container */
    public static String checkName(String name) {
        var out = new Violations();
        name("name", name, out);
        out.check();
        return name;
    }

    /** @throws RuntimeFailure when this is no time to wait for an end; null is allowed */
    public static @Nullable Duration checkGrace(@Nullable Duration grace) {
        var out = new Violations();
        if (grace != null) {
            grace("grace", grace, out);
        }
        out.check();
        return grace;
    }

    /** Whether a label's key belongs to an engine or to Hawse: never taken from a caller or an image (CVE-2026-53488). */
    public static boolean isReservedLabel(String key) {
        return RESERVED_LABELS.stream().anyMatch(key::startsWith);
    }

    /** Whether a label is one that a container can carry: not reserved, and not longer than containerd takes. */
    public static boolean isAllowedLabel(String key, String value) {
        return !key.isEmpty()
                && key.length() <= 128
                && !isReservedLabel(key)
                && (key + value).getBytes(StandardCharsets.UTF_8).length <= 4096;
    }

    private static void name(String field, String name, Violations out) {
        if (!NAME.matcher(name).matches()) {
            out.add(
                    field,
                    "must be 2 to 64 of A-Z a-z 0-9 _ . -, beginning with a letter or digit (got \""
                            + Text.printable(name) + "\")");
        }
    }

    private static void commandLine(ContainerSpec spec, Violations out) {
        if (spec.entrypoint() != null) {
            ProcessRules.args("entrypoint", spec.entrypoint(), out);
        }
        ProcessRules.arguments(spec.args(), spec.env(), out);
    }

    private static void hostname(ContainerSpec spec, Violations out) {
        if (spec.hostname().isEmpty()) {
            return;
        }
        if (!HOSTNAME.matcher(spec.hostname()).matches()) {
            out.add(
                    "hostname",
                    "must be 1 to 63 letters, digits, \"-\" and \".\" (got \"" + Text.printable(spec.hostname())
                            + "\")");
        }
        if (spec.network() == NetworkMode.HOST) {
            out.add("hostname", "is not allowed with network mode HOST, which has the host's");
        }
    }

    private static void resources(Resources r, Violations out) {
        range("resources.memory_bytes", r.memoryBytes(), MIN_MEMORY, Long.MAX_VALUE, out);
        if (r.memorySwapBytes() != null) {
            if (r.memoryBytes() == null) {
                out.add("resources.memory_swap_bytes", "needs memory_bytes");
            } else {
                range("resources.memory_swap_bytes", r.memorySwapBytes(), r.memoryBytes(), Long.MAX_VALUE, out);
            }
        }
        var processors = Runtime.getRuntime().availableProcessors();
        range("resources.cpu_millis", r.cpuMillis(), 10, 1000L * processors, out);
        range("resources.cpu_shares", r.cpuShares(), 2, 262144, out);
        range("resources.pids_limit", r.pidsLimit(), 1, 4194304, out);
        if (!r.cpusetCpus().isEmpty() && !CPUSET.matcher(r.cpusetCpus()).matches()) {
            out.add("resources.cpuset_cpus", "must be as \"0-2,4\" (got \"" + Text.printable(r.cpusetCpus()) + "\")");
        }
    }

    private static void mounts(List<Mount> mounts, Violations out) {
        var targets = new HashSet<String>();
        for (int i = 0; i < mounts.size(); i++) {
            var field = "mounts[" + i + "].";
            var mount = mounts.get(i);
            if (path(field + "target", mount.target(), out)) {
                var target = Path.of(mount.target()).normalize().toString();
                if (isTaken(target)) {
                    out.add(
                            field + "target",
                            "must be none of / /dev /dev/pts /dev/mqueue and not in /proc or /sys (got \""
                                    + Text.printable(mount.target()) + "\")");
                } else if (!targets.add(target)) {
                    out.add(
                            field + "target",
                            "is the target of another mount too (got \"" + Text.printable(target) + "\")");
                }
            }
            switch (mount) {
                case Mount.Bind bind -> path(field + "bind.source", bind.source(), out);
                case Mount.Tmpfs tmpfs -> {
                    range(field + "tmpfs.size_bytes", tmpfs.sizeBytes(), 4096, Long.MAX_VALUE, out);
                    if (tmpfs.mode() != null) {
                        range(field + "tmpfs.mode", (long) tmpfs.mode(), 0, 07777, out);
                    }
                }
            }
        }
    }

    /** What every container has there is what its programs, its terminals and its isolation stand on. */
    private static boolean isTaken(String target) {
        return TAKEN.contains(target) || target.startsWith("/proc/") || target.startsWith("/sys/");
    }

    private static boolean path(String field, String path, Violations out) {
        ProcessRules.noNul(field, path, out);
        if (!path.startsWith("/") || List.of(path.split("/")).contains("..") || path.indexOf('\0') >= 0) {
            out.add(field, "must be absolute and without \"..\" (got \"" + Text.printable(path) + "\")");
            return false;
        }
        return true;
    }

    private static void capabilities(String field, List<String> names, Violations out) {
        for (int i = 0; i < names.size(); i++) {
            if (!LinuxCapability.isKnown(names.get(i))) {
                out.add(
                        field + "[" + i + "]",
                        "\"" + Text.printable(names.get(i))
                                + "\" is no capability of Linux; \"ALL\" means all of them");
            }
        }
    }

    private static void rlimits(List<Rlimit> rlimits, Violations out) {
        var seen = new HashSet<String>();
        for (int i = 0; i < rlimits.size(); i++) {
            var field = "rlimits[" + i + "].";
            var rlimit = rlimits.get(i);
            var resource = rlimit.resource().toLowerCase(Locale.ROOT);
            if (!RLIMITS.contains(resource)) {
                out.add(
                        field + "resource",
                        "\"" + Text.printable(rlimit.resource()) + "\" is none of "
                                + RLIMITS.stream().sorted().toList());
            } else if (!seen.add(resource)) {
                out.add(field + "resource", "\"" + resource + "\" is there twice");
            }
            if (Long.compareUnsigned(rlimit.soft(), rlimit.hard()) > 0) {
                out.add(field + "soft", "must be at most the hard limit");
            }
        }
    }

    private static void labels(Map<String, String> labels, Violations out) {
        if (labels.size() > 256) {
            out.add("labels", "are " + labels.size() + "; at most 256 are allowed");
            return;
        }
        labels.forEach((key, value) -> {
            var field = "labels[" + Text.printable(key) + "]";
            if (isReservedLabel(key)) {
                out.add(field, "has a reserved prefix, one of " + RESERVED_LABELS);
            } else if (!isAllowedLabel(key, value)) {
                out.add(field, "must have a key of 1 to 128 characters, and with its value at most 4096 bytes");
            }
        });
    }

    private static void grace(String field, Duration grace, Violations out) {
        if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
            out.add(field, "must be 0 to 24 hours (got " + grace + ")");
        }
    }

    private static void range(String field, @Nullable Long value, long least, long most, Violations out) {
        if (value != null && (value < least || value > most)) {
            var allowed = most == Long.MAX_VALUE ? "at least " + least : least + " to " + most;
            out.add(field, "must be " + allowed + " (got " + Long.toUnsignedString(value) + ")");
        }
    }
}
