package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hawse wait}. */
@Command(name = "wait", description = "Wait until containers have ended and print their exit codes.")
final class WaitCommand extends ClientCommand {

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    WaitCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            var exit = client.containers().waitFor(name);
            return exit.map(e -> Integer.toString(e.shellCode())).orElse("0");
        });
    }
}
