package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hawse execs inspect}. */
@Command(name = "inspect", description = "Show all that is known of commands, as JSON.")
final class ExecInspectCommand extends ClientCommand {

    @Parameters(arity = "1..*", paramLabel = "ID")
    private List<String> ids = new ArrayList<>();

    ExecInspectCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        int code = 0;
        var found = new ArrayList<>();
        for (var id : ids) {
            try {
                found.add(client.execs().get(id));
            } catch (HawseException e) {
                console().error("hawse: " + Printable.escape(String.valueOf(e.getMessage())));
                code = ExitCodes.of(e);
            }
        }
        console().print(Json.pretty(found));
        return code;
    }
}
