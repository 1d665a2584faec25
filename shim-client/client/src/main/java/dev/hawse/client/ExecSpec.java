package dev.hawse.client;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command to execute in a container. Immutable; the server checks it.
 *
 * @param command the program and its arguments, at least the program
 * @param env added to the container's environment; a key replaces the container's
 * @param workingDir absolute; empty for the container's
 * @param user "user", "uid", "user:group" or "uid:gid"; empty for the container's
 * @param stdin whether standard input stays open for bytes; else the command reads /dev/null
 * @param terminal the size of the terminal it gets; null for none
 * @param timeout after which the command is killed and the call fails with {@link HawseException.Code#TIMEOUT}; null for
 *     never
 */
public record ExecSpec(
        List<String> command,
        Map<String, String> env,
        String workingDir,
        String user,
        boolean stdin,
        @Nullable TerminalSize terminal,
        @Nullable Duration timeout) {

    public ExecSpec {
        command = List.copyOf(command);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            throw new IllegalArgumentException("timeout: is not positive (got " + timeout + ")");
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

        public Builder timeout(Duration v) {
            timeout = v;
            return this;
        }

        public ExecSpec build() {
            return new ExecSpec(command, env, workingDir, user, stdin, terminal, timeout);
        }
    }
}
