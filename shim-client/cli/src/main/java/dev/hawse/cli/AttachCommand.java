package dev.hawse.cli;

import dev.hawse.client.AttachSpec;
import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse attach}. */
@Command(name = "attach", description = "Connect to a running container; ctrl-p ctrl-q leaves it.")
final class AttachCommand extends ClientCommand {

    @Option(names = "--no-stdin", description = "Do not connect standard input.")
    private boolean noStdin;

    @Parameters(paramLabel = "CONTAINER")
    private String container = "";

    AttachCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var spec = client.containers().get(container).spec();
        boolean input = spec.stdin() && !noStdin;
        try (var terminal = Terminals.open(console(), spec.terminal() != null, input)) {
            var attach = input ? AttachSpec.INTERACTIVE : AttachSpec.WATCH;
            if (terminal != null) {
                attach = attach.withSize(terminal.size());
            }
            try (var session = client.containers().attach(container, attach)) {
                return new Interaction(session, console(), input, terminal, true).run();
            }
        }
    }
}
