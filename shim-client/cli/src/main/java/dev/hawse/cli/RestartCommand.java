package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hawse restart}. */
@Command(name = "restart", description = "Stop containers and start them again.")
final class RestartCommand extends ClientCommand {

    @Mixin
    private StopOptions options = new StopOptions();

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    RestartCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            client.containers().restart(name, options.grace(), options.signal());
            return name;
        });
    }
}
