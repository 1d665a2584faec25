package dev.hawse.client;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one Hawse server. Safe for use by any number of threads; meant to be made once and shared. It connects
 * with the first call, and again after the server was gone.
 *
 * <p>Closing it cancels every call under way, with what follows from that for each; what is used later fails with
 * {@link HawseException.Code#UNAVAILABLE}. All threads behind it are daemons.
 */
public final class HawseClient implements AutoCloseable {

    private final Connection connection;
    private final Containers containers;
    private final Execs execs;
    private final Images images;
    private final Events events;
    private final Runtimes runtimes;

    private HawseClient(Connection connection) {
        this.connection = connection;
        this.containers = new Containers(connection);
        this.execs = new Execs(connection);
        this.images = new Images(connection, null);
        this.events = new Events(connection);
        this.runtimes = new Runtimes(connection);
    }

    /** A client of the server that {@code HAWSE_ADDRESS} names, or else of the one at its usual place. */
    public static HawseClient create() {
        return builder().build();
    }

    /** A client of the server at an address, as {@link Builder#address} takes it. */
    public static HawseClient create(String address) {
        return builder().address(address).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public Containers containers() {
        return containers;
    }

    /** The commands, as things with a life of their own. */
    public Execs execs() {
        return execs;
    }

    public Images images() {
        return images;
    }

    public Events events() {
        return events;
    }

    public Runtimes runtimes() {
        return runtimes;
    }

    /**
     * Starts a command in a running container and connects to it. Returns when it runs. A command that cannot be started
     * is no failure: the session's exit says so.
     *
     * @param container the container's id, a unique prefix of it, or its name
     */
    public ExecSession exec(String container, ExecSpec spec) {
        var session = ExecCall.begin(connection, container, spec, spec.stdin());
        session.awaitOpen(connection.deadline());
        return session;
    }

    /**
     * Executes a command in a running container, without input, and returns what it said and how it ended. It may take
     * any time; output beyond 16 MiB of a stream is dropped.
     *
     * @param container the container's id, a unique prefix of it, or its name
     */
    public ExecResult run(String container, String... command) {
        return run(container, ExecSpec.of(command), RunOptions.DEFAULT);
    }

    /**
     * Executes a command in a running container, with all of its input given beforehand, and returns what it said and how
     * it ended. When the thread is interrupted, the command is killed.
     *
     * @param container the container's id, a unique prefix of it, or its name
     */
    public ExecResult run(String container, ExecSpec spec, RunOptions options) {
        boolean stdin = spec.stdin() || options.input().length > 0;
        return ExecCall.begin(connection, container, spec, stdin).collect(options);
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Collects how to reach the server. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String address;
        private Duration deadline = Duration.ofSeconds(60);
        private int outputWindow = 1 << 20;
        private @Nullable Path spillDirectory;

        private Builder() {}

        /**
         * Where the server listens: {@code unix:/absolute/path}, {@code tcp:host:port} or {@code host:port}, the latter
         * two on this host. Default: the environment's {@code HAWSE_ADDRESS}, else {@code unix:/run/hawse/hawse.sock}.
         */
        public Builder address(String v) {
            address = v;
            return this;
        }

        /** How long a call may take that answers soon. Default 60 s. */
        public Builder deadline(Duration v) {
            if (v.isNegative() || v.isZero()) {
                throw new IllegalArgumentException("deadline: is not positive (got " + v + ")");
            }
            deadline = v;
            return this;
        }

        /** Bytes of output that a session holds in memory unread; see {@link ProcessSession}. Default 1 MiB. */
        public Builder outputWindow(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("outputWindow: is not positive (got " + bytes + ")");
            }
            outputWindow = bytes;
            return this;
        }

        /** Where output goes that nobody attends to; see {@link ProcessSession}. Default: the system's place for files. */
        public Builder spillDirectory(Path v) {
            spillDirectory = v;
            return this;
        }

        /**
         * Makes the client. Does not connect yet.
         *
         * @throws HawseException with {@link HawseException.Code#INVALID_ARGUMENT} when the address is not understood
         */
        public HawseClient build() {
            String target = address;
            if (target == null) {
                String named = System.getenv("HAWSE_ADDRESS");
                target = named == null || named.isEmpty() ? Target.DEFAULT : named;
            }
            return new HawseClient(new Connection(target, deadline, outputWindow, spillDirectory));
        }
    }
}
