package dev.hawse.cli;

import dev.hawse.client.ExecSpec;
import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse exec}. */
@Command(name = "exec", description = "Execute a command in a running container.")
final class ExecCommand extends ClientCommand {

    @Option(
            names = {"-i", "--interactive"},
            description = "Keep standard input open.")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the command a terminal.")
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
            description = "Where the command starts.")
    private String workingDir = "";

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Who it runs as, by name or number.")
    private String user = "";

    @Parameters(index = "0", paramLabel = "CONTAINER")
    private String container = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND")
    private List<String> command = new ArrayList<>();

    ExecCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        try (var terminal = Terminals.open(console(), tty, interactive)) {
            var spec = ExecSpec.builder(command)
                    .env(Flags.env(envFiles, env, console().env()))
                    .workingDir(workingDir)
                    .user(user);
            if (interactive) {
                spec.stdin();
            }
            if (tty) {
                spec.terminal(Terminals.size(terminal));
            }
            try (var session = client.exec(container, spec.build())) {
                return new Interaction(session, console(), interactive, terminal, false).run();
            }
        }
    }
}
