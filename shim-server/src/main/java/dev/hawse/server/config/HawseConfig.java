package dev.hawse.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a server is told to be. Immutable; made by {@link ConfigLoader}, or by code from {@link #defaults()}. */
public record HawseConfig(
        Listen listen,
        Containerd containerd,
        Paths paths,
        Policy policy,
        Exec exec,
        Events events,
        Server server,
        Logs logs,
        Log log) {

    /** What counts where nothing is set. */
    public static HawseConfig defaults() {
        return new Values().toConfig();
    }

    /**
     * Where callers reach the server.
     *
     * @param socket a unix socket; made with mode 0660
     * @param group who may use it beside its owner; empty for the server's own
     */
    public record Listen(Path socket, String group) {}

    /**
     * The containerd to work with.
     *
     * @param snapshotter its name, or "auto"
     * @param ociRuntimes names that callers may choose, the default first, each with its binary: a name on containerd's
     *     PATH or an absolute path
     * @param startTimeout how long the OCI runtime may take for each half of a container's start, and for a command's
     * @param resyncInterval how often what is known is compared with what there is, though nothing was told to have changed
     */
    public record Containerd(
            Path socket,
            String namespace,
            String snapshotter,
            Map<String, String> ociRuntimes,
            Duration startTimeout,
            Duration resyncInterval) {
        public Containerd {
            ociRuntimes = Collections.unmodifiableMap(new LinkedHashMap<>(ociRuntimes));
        }

        /** With the usual times. */
        public Containerd(Path socket, String namespace, String snapshotter, Map<String, String> ociRuntimes) {
            this(
                    socket,
                    namespace,
                    snapshotter,
                    ociRuntimes,
                    Setting.START_TIMEOUT.fallback(),
                    Setting.RESYNC_INTERVAL.fallback());
        }
    }

    /**
     * Where the server keeps things.
     *
     * @param state what outlives the host's restart
     * @param run what does not
     */
    public record Paths(Path state, Path run) {}

    /**
     * What callers may ask for.
     *
     * @param bindRoots where sources of bind mounts may lie, and what may be one although it is protected; empty: anywhere
     *     that is not protected
     * @param bindDeny protected beside what always is
     */
    public record Policy(List<Path> bindRoots, List<Path> bindDeny) {
        public Policy {
            bindRoots = List.copyOf(bindRoots);
            bindDeny = List.copyOf(bindDeny);
        }
    }

    /**
     * How commands are executed.
     *
     * @param retention how long the record of one is kept after its end
     */
    public record Exec(int maxStartsPerContainer, Duration drainTimeout, Duration retention) {}

    /**
     * Which events are kept beyond the server's life.
     *
     * @param retention how long
     * @param retentionCount the most of them
     */
    public record Events(Duration retention, int retentionCount) {}

    /**
     * How calls are served.
     *
     * @param shutdownGrace how long calls may go on after the server was told to end
     * @param maxMessageBytes the largest message that a caller may send
     * @param maxConnections the most connections at once
     */
    public record Server(Duration shutdownGrace, int maxMessageBytes, int maxConnections) {}

    /**
     * How much of what containers write is kept, for each.
     *
     * @param maxSize bytes of a file after which the next one is begun
     * @param maxFiles how many files are kept
     */
    public record Logs(int maxSize, int maxFiles) {}

    /** What is logged, to standard error. */
    public record Log(LogLevel level, LogFormat format) {}
}
