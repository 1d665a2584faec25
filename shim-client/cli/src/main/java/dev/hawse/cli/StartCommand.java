package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hawse start}. */
@Command(name = "start", description = "Start containers that were created or have ended.")
final class StartCommand extends ClientCommand {

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    StartCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            client.containers().start(name);
            return name;
        });
    }
}
