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
        customSynopsis = "hawsed [FLAG...]",
        descriptionHeading = "%n",
        optionListHeading = "%n",
        sortOptions = false,
        usageHelpWidth = 100,
        footer = {
            "",
            "A flag counts more than an environment variable (HAWSE_CONTAINERD_ADDRESS for",
            "containerd.address), which counts more than the file. --print-config shows every setting there is.",
            "",
            "Exit status: 0 after SIGTERM or SIGINT, 1 when it cannot start, 2 when a setting makes no sense."
        })
final class Options {

    private final List<Flag> flags = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @SuppressWarnings("unused") // picocli asks its own model.
    @Option(
            names = {"-h", "--help"},
            order = 20,
            usageHelp = true,
            description = "Show this and exit.")
    private boolean help;

    @SuppressWarnings("unused") // picocli asks its own model.
    @Option(
            names = {"-V", "--version"},
            order = 21,
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean version;

    @Option(
            names = "--config",
            order = 1,
            paramLabel = "FILE",
            description = "Read settings here, not in /etc/hawse/config.toml.")
    private @Nullable Path file;

    @Option(
            names = "--print-config",
            order = 2,
            description = "Print every setting as TOML, with its source, and exit.")
    private boolean printConfig;

    @Option(names = "--listen", order = 3, paramLabel = "unix:PATH", description = "Serve there (listen.address).")
    void listen(String value) {
        add("--listen", "listen.address", value);
    }

    @Option(
            names = "--containerd-address",
            order = 4,
            paramLabel = "PATH",
            description = "containerd's socket (containerd.address).")
    void containerdAddress(String value) {
        add("--containerd-address", "containerd.address", value);
    }

    @Option(
            names = "--namespace",
            order = 5,
            paramLabel = "NAME",
            description = "Hawse's own in containerd (containerd.namespace).")
    void namespace(String value) {
        add("--namespace", "containerd.namespace", value);
    }

    @Option(
            names = "--state-dir",
            order = 6,
            paramLabel = "DIR",
            description = "For what outlives a restart of the host (paths.state).")
    void stateDir(String value) {
        add("--state-dir", "paths.state", value);
    }

    @Option(names = "--run-dir", order = 7, paramLabel = "DIR", description = "For what does not (paths.run).")
    void runDir(String value) {
        add("--run-dir", "paths.run", value);
    }

    @Option(
            names = "--log-level",
            order = 8,
            paramLabel = "LEVEL",
            description = "error, warn, info, debug or trace (log.level).")
    void logLevel(String value) {
        add("--log-level", "log.level", value);
    }

    @Option(names = "--log-format", order = 9, paramLabel = "FORMAT", description = "human or json (log.format).")
    void logFormat(String value) {
        add("--log-format", "log.format", value);
    }

    @Option(
            names = "--set",
            order = 10,
            paramLabel = "KEY=VALUE",
            description = "Any setting; may be given several times.")
    void set(String[] values) {
        // Called again for each, with all those before it.
        var value = values[values.length - 1];
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
