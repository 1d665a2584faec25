package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hawse unpause}. */
@Command(name = "unpause", description = "Let paused containers go on.")
final class UnpauseCommand extends ClientCommand {

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    UnpauseCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            client.containers().resume(name);
            return name;
        });
    }
}
