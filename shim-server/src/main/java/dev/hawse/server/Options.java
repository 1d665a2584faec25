package dev.hawse.server;

import dev.hawse.server.config.ConfigLoader.Flag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The arguments of {@code hawsed}; of two that set the same key, the later counts. */
@Command(
        name = "hawsed",
        description = "Serves the containers of this host over gRPC.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Settings: a flag counts more than an environment variable (HAWSE_CONTAINERD_ADDRESS for"
                    + " containerd.address), which counts more than the file. --print-config shows all of them.",
            "Exit status: 0 after SIGTERM or SIGINT, 1 when it cannot start, 2 when a setting makes no sense."
        })
final class Options {

    private final List<Flag> flags = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "Read settings here, not in /etc/hawse/config.toml.")
    private @Nullable Path file;

    @Option(names = "--print-config", description = "Print every setting as TOML, with its source, and exit.")
    private boolean printConfig;

    @Option(names = "--listen", paramLabel = "unix:PATH", description = "listen.address: where to serve.")
    void listen(String value) {
        add("--listen", "listen.address", value);
    }

    @Option(names = "--containerd-address", paramLabel = "PATH", description = "containerd.address: its socket.")
    void containerdAddress(String value) {
        add("--containerd-address", "containerd.address", value);
    }

    @Option(names = "--namespace", paramLabel = "NAME", description = "containerd.namespace: Hawse's own.")
    void namespace(String value) {
        add("--namespace", "containerd.namespace", value);
    }

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "paths.state: what outlives a restart of the host.")
    void stateDir(String value) {
        add("--state-dir", "paths.state", value);
    }

    @Option(names = "--run-dir", paramLabel = "DIR", description = "paths.run: what does not.")
    void runDir(String value) {
        add("--run-dir", "paths.run", value);
    }

    @Option(names = "--log-level", paramLabel = "LEVEL", description = "log.level: error, warn, info, debug or trace.")
    void logLevel(String value) {
        add("--log-level", "log.level", value);
    }

    @Option(names = "--log-format", paramLabel = "FORMAT", description = "log.format: human or json.")
    void logFormat(String value) {
        add("--log-format", "log.format", value);
    }

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Any setting; may be given several times.")
    void set(String value) {
        var parts = value.split("=", 2);
        if (parts.length < 2) {
            throw new ParameterException(spec.commandLine(), "--set: must be KEY=VALUE (got \"" + value + "\")");
        }
        add("--set " + parts[0], parts[0], parts[1]);
    }

    private void add(String name, String key, String value) {
        flags.add(new Flag(name, key, value));
    }

    @Nullable
    Path file() {
        return file;
    }

    boolean printConfig() {
        return printConfig;
    }

    List<Flag> flags() {
        return List.copyOf(flags);
    }
}
