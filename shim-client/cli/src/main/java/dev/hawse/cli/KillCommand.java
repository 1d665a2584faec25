package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse kill}. */
@Command(name = "kill", description = "Send a signal to containers.")
final class KillCommand extends ClientCommand {

    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            description = "Default: ${DEFAULT-VALUE}.")
    private String signal = "KILL";

    @Option(names = "--all-processes", description = "Send it to every process, not only the main one.")
    private boolean all;

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    KillCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(containers, name -> {
            client.containers().kill(name, signal, all);
            return name;
        });
    }
}
