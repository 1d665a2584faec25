package dev.hawse.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A key that can be set. All of them are here, with what counts where nothing is set.
 *
 * @param key with its section, as "exec.drain-timeout"
 */
record Setting<T>(String key, Type<T> type, T fallback) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    /** containerd's own rule for identifiers. */
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9]+([._-][A-Za-z0-9]+)*");

    /** Namespaces of Docker and Kubernetes: theirs alone. */
    private static final List<String> FOREIGN = List.of("moby", "k8s.io");

    static final Setting<Path> LISTEN_ADDRESS =
            new Setting<>("listen.address", Type.socket(), Path.of("/run/hawse/hawse.sock"));

    static final Setting<String> LISTEN_GROUP = new Setting<>(
            "listen.group",
            Type.text(
                    "the name of a group, or empty",
                    t -> t.isEmpty() || NAME.matcher(t).matches()),
            "");

    static final Setting<Path> CONTAINERD_ADDRESS =
            new Setting<>("containerd.address", Type.socket(), Path.of("/run/containerd/containerd.sock"));

    static final Setting<String> NAMESPACE_NAME = new Setting<>(
            "containerd.namespace",
            Type.text(
                    "1 to 76 letters and digits, with . _ - between them, and neither moby nor k8s.io",
                    t -> t.length() <= 76 && NAMESPACE.matcher(t).matches() && !FOREIGN.contains(t)),
            "hawse");

    static final Setting<String> SNAPSHOTTER = new Setting<>(
            "containerd.snapshotter",
            Type.text("auto or the name of a snapshotter", t -> NAME.matcher(t).matches()),
            "auto");

    static final Setting<List<String>> OCI_RUNTIMES = new Setting<>(
            "containerd.oci-runtimes", Type.names(t -> NAME.matcher(t).matches()), List.of("runc"));

    static final Setting<Map<String, String>> OCI_RUNTIME_BINARIES = new Setting<>(
            "containerd.oci-runtime-binaries", Type.paths(t -> NAME.matcher(t).matches()), Map.of());

    static final Setting<Duration> START_TIMEOUT = new Setting<>(
            "containerd.start-timeout",
            Type.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
            Duration.ofSeconds(60));

    static final Setting<Duration> RESYNC_INTERVAL = new Setting<>(
            "containerd.resync-interval",
            Type.duration(Duration.ofMillis(100), Duration.ofHours(1)),
            Duration.ofSeconds(60));

    static final Setting<Path> STATE = new Setting<>("paths.state", Type.path(), Path.of("/var/lib/hawse"));

    static final Setting<Path> RUN = new Setting<>("paths.run", Type.path(), Path.of("/run/hawse"));

    static final Setting<List<Path>> BIND_ROOTS = new Setting<>("policy.bind-roots", Type.pathList(), List.of());

    static final Setting<List<Path>> BIND_DENY = new Setting<>("policy.bind-deny", Type.pathList(), List.of());

    static final Setting<Integer> MAX_STARTS = new Setting<>("exec.max-starts-per-container", Type.integer(1, 16), 8);

    static final Setting<Duration> DRAIN_TIMEOUT = new Setting<>(
            "exec.drain-timeout", Type.duration(Duration.ofMillis(10), Duration.ofMinutes(10)), Duration.ofSeconds(2));

    static final Setting<Duration> EVENTS_RETENTION = new Setting<>(
            "events.retention", Type.duration(Duration.ofMinutes(1), Duration.ofDays(365)), Duration.ofDays(7));

    static final Setting<Integer> EVENTS_RETENTION_COUNT =
            new Setting<>("events.retention-count", Type.integer(1000, 10_000_000), 100_000);

    static final Setting<Duration> RETENTION = new Setting<>(
            "exec.retention", Type.duration(Duration.ofSeconds(1), Duration.ofHours(24)), Duration.ofMinutes(10));

    static final Setting<Duration> SHUTDOWN_GRACE = new Setting<>(
            "server.shutdown-grace", Type.duration(Duration.ZERO, Duration.ofHours(1)), Duration.ofSeconds(10));

    /** Below 2 MiB, a frame of input as large as the API allows would be refused. */
    static final Setting<Integer> MAX_MESSAGE =
            new Setting<>("server.max-message-size", Type.bytes(2 << 20, 64 << 20), 4 << 20);

    static final Setting<Integer> MAX_CONNECTIONS =
            new Setting<>("server.max-connections", Type.integer(1, 100_000), 1024);

    /** Of containers; below some records' size, each would have a file of its own. */
    static final Setting<Integer> LOGS_MAX_SIZE =
            new Setting<>("logs.max-size", Type.bytes(256 << 10, 1 << 30), 16 << 20);

    static final Setting<Integer> LOGS_MAX_FILES = new Setting<>("logs.max-files", Type.integer(2, 1000), 4);

    static final Setting<LogLevel> LOG_LEVEL = new Setting<>("log.level", Type.oneOf(LogLevel.class), LogLevel.INFO);

    static final Setting<LogFormat> LOG_FORMAT =
            new Setting<>("log.format", Type.oneOf(LogFormat.class), LogFormat.HUMAN);

    static final List<Setting<?>> ALL = List.of(
            LISTEN_ADDRESS,
            LISTEN_GROUP,
            CONTAINERD_ADDRESS,
            NAMESPACE_NAME,
            SNAPSHOTTER,
            OCI_RUNTIMES,
            OCI_RUNTIME_BINARIES,
            START_TIMEOUT,
            RESYNC_INTERVAL,
            STATE,
            RUN,
            BIND_ROOTS,
            BIND_DENY,
            MAX_STARTS,
            DRAIN_TIMEOUT,
            RETENTION,
            EVENTS_RETENTION,
            EVENTS_RETENTION_COUNT,
            SHUTDOWN_GRACE,
            MAX_MESSAGE,
            MAX_CONNECTIONS,
            LOGS_MAX_SIZE,
            LOGS_MAX_FILES,
            LOG_LEVEL,
            LOG_FORMAT);

    String section() {
        return key.substring(0, key.indexOf('.'));
    }

    String name() {
        return key.substring(key.indexOf('.') + 1);
    }

    /** Of the environment. */
    String variable() {
        return "HAWSE_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
