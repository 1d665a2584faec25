package dev.hawse.cli;

import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.TerminalSize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What describes a process, be it a container's main process or a command executed in it: Docker's flags. */
final class ProcessOptions {

    @Option(
            names = {"-i", "--interactive"},
            description = "Keep standard input open.")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the process a terminal.")
    private boolean tty;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "KEY[=VALUE]",
            description = "Set a variable, or pass ours on.")
    private List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read variables from a file.")
    private List<String> envFiles = new ArrayList<>();

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Where the process starts.")
    private String workingDir = "";

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Who it runs as, by name or number.")
    private String user = "";

    boolean interactive() {
        return interactive;
    }

    boolean tty() {
        return tty;
    }

    /** {@code size} is that of our terminal, and used when the process gets one. */
    void apply(ContainerSpec.Builder spec, Console console, TerminalSize size) throws IOException {
        spec.env(Flags.env(envFiles, env, console.env())).workingDir(workingDir).user(user);
        if (interactive) {
            spec.stdin();
        }
        if (tty) {
            spec.terminal(size);
        }
    }

    /** The same for a command. */
    void apply(ExecSpec.Builder spec, Console console, TerminalSize size) throws IOException {
        spec.env(Flags.env(envFiles, env, console.env())).workingDir(workingDir).user(user);
        if (interactive) {
            spec.stdin();
        }
        if (tty) {
            spec.terminal(size);
        }
    }
}
