package dev.hawse.client;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command to execute in a container. Immutable; the server checks it. What is null is as the server has it by default.
 *
 * @param command the program and its arguments, at least the program
 * @param env added to the container's environment; a key replaces the container's
 * @param workingDir absolute; empty for the container's
 * @param user "user", "uid", "user:group" or "uid:gid"; empty for the container's
 * @param stdin whether standard input stays open for bytes; else the command reads /dev/null
 * @param terminal the size of the terminal it gets; null for none
 * @param timeout how long the command may run: then it and all that descend from it get SIGTERM, and SIGKILL after
 *     {@code killAfter}; {@link ProcessExit#timedOut()} tells. Null for ever
 * @param killAfter from SIGTERM to SIGKILL, after a timeout or a hang-up; null for 10 seconds
 * @param output what happens to output that nobody reads
 * @param onDisconnect what happens to the command when nobody is attached any more
 * @param drain how long to wait for output that another process holds open after the end
 * @param requestId makes the request safe to repeat: the same request with the same id never starts a second command, and
 *     is answered with the first; empty for none
 * @param reconnect how long the server may be away each time before a session gives up, see {@link ExecSession}; null not to
 *     reconnect. Only for a command that may be left
 */
public record ExecSpec(
        List<String> command,
        Map<String, String> env,
        String workingDir,
        String user,
        boolean stdin,
        @Nullable TerminalSize terminal,
        @Nullable Duration timeout,
        @Nullable Duration killAfter,
        @Nullable OutputPolicy output,
        @Nullable DisconnectPolicy onDisconnect,
        @Nullable DrainPolicy drain,
        String requestId,
        @Nullable Duration reconnect) {

    public ExecSpec {
        command = List.copyOf(command);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            throw new IllegalArgumentException("timeout: is not positive (got " + timeout + ")");
        }
        if (reconnect != null && (reconnect.isNegative() || reconnect.isZero())) {
            throw new IllegalArgumentException("reconnect: is not positive (got " + reconnect + ")");
        }
        if (reconnect != null && !(onDisconnect instanceof DisconnectPolicy.Detach)) {
            throw new IllegalArgumentException("reconnect: the command does not outlive a broken connection (got "
                    + onDisconnect + "), allowed is DisconnectPolicy.detach");
        }
    }

    /** A command with everything else as the container has it, and without standard input. */
    public static ExecSpec of(String... command) {
        return builder(command).build();
    }

    public static Builder builder(String... command) {
        return new Builder(List.of(command));
    }

    public static Builder builder(List<String> command) {
        return new Builder(command);
    }

    /** Collects what is set. Not safe for use by several threads. */
    public static final class Builder {
        private final List<String> command;
        private final Map<String, String> env = new LinkedHashMap<>();
        private String workingDir = "";
        private String user = "";
        private boolean stdin;
        private @Nullable TerminalSize terminal;
        private @Nullable Duration timeout;
        private @Nullable Duration killAfter;
        private @Nullable OutputPolicy output;
        private @Nullable DisconnectPolicy onDisconnect;
        private @Nullable DrainPolicy drain;
        private String requestId = "";
        private @Nullable Duration reconnect;

        private Builder(List<String> command) {
            this.command = command;
        }

        public Builder env(String key, String value) {
            env.put(key, value);
            return this;
        }

        public Builder env(Map<String, String> all) {
            env.putAll(all);
            return this;
        }

        public Builder workingDir(String v) {
            workingDir = v;
            return this;
        }

        public Builder user(String v) {
            user = v;
            return this;
        }

        /** Keeps standard input open for {@link ProcessSession#stdin()}. */
        public Builder stdin() {
            stdin = true;
            return this;
        }

        /** Gives the command a terminal: one output stream, line discipline, signals from control characters. */
        public Builder terminal(TerminalSize size) {
            terminal = size;
            return this;
        }

        /** How long it may run. */
        public Builder timeout(Duration v) {
            timeout = v;
            return this;
        }

        public Builder killAfter(Duration v) {
            killAfter = v;
            return this;
        }

        public Builder output(OutputPolicy v) {
            output = v;
            return this;
        }

        public Builder onDisconnect(DisconnectPolicy v) {
            onDisconnect = v;
            return this;
        }

        public Builder drain(DrainPolicy v) {
            drain = v;
            return this;
        }

        /** 1 to 128 characters of the caller's choice, remembered for 24 hours. */
        public Builder requestId(String v) {
            requestId = v;
            return this;
        }

        /** Attaches again when the server was away, for up to this time; needs {@link DisconnectPolicy#detach}. */
        public Builder reconnect(Duration v) {
            reconnect = v;
            return this;
        }

        public ExecSpec build() {
            return new ExecSpec(
                    command,
                    env,
                    workingDir,
                    user,
                    stdin,
                    terminal,
                    timeout,
                    killAfter,
                    output,
                    onDisconnect,
                    drain,
                    requestId,
                    reconnect);
        }
    }
}
