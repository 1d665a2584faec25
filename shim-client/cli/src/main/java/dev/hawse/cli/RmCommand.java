package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse rm}. */
@Command(name = "rm", description = "Remove containers.")
final class RmCommand extends ClientCommand {

    @Option(
            names = {"-f", "--force"},
            description = "Kill those that run.")
    private boolean force;

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    RmCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            client.containers().remove(name, force);
            return name;
        });
    }
}
