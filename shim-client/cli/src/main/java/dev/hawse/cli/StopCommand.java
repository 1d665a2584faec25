package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hawse stop}. */
@Command(name = "stop", description = "Ask containers to end, and kill them when they do not.")
final class StopCommand extends ClientCommand {

    @Mixin
    private StopOptions options = new StopOptions();

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    StopCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            client.containers().stop(name, options.grace(), options.signal());
            return name;
        });
    }
}
