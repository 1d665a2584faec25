package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.SignalScope;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse execs kill}. */
@Command(name = "kill", description = "Send a signal to commands.")
final class ExecKillCommand extends ClientCommand {

    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            description = "Default: ${DEFAULT-VALUE}.")
    private String signal = "KILL";

    @Option(names = "--tree", description = "Also to all that descend from them.")
    private boolean tree;

    @Parameters(arity = "1..*", paramLabel = "ID")
    private List<String> ids = new ArrayList<>();

    ExecKillCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        return each(ids, id -> {
            client.execs().signal(id, signal, tree ? SignalScope.TREE : SignalScope.PROCESS);
            return id;
        });
    }
}
