package dev.hawse.cli;

import dev.hawse.client.AttachSpec;
import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse attach}. */
@Command(name = "attach", description = "Connect to a running container.")
final class AttachCommand extends ClientCommand {

    @Option(names = "--no-stdin", description = "Do not connect standard input.")
    private boolean noStdin;

    @Mixin
    private DetachKeysOption detachKeys = new DetachKeysOption();

    @Parameters(paramLabel = "CONTAINER")
    private String container = "";

    AttachCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var keys = detachKeys.parse();
        var spec = client.containers().get(container).spec();
        boolean input = spec.stdin() && !noStdin;
        try (var terminal = Terminals.open(console(), spec.terminal() != null, input)) {
            var attach = input ? AttachSpec.INTERACTIVE : AttachSpec.WATCH;
            if (terminal != null) {
                attach = attach.withSize(terminal.size());
            }
            try (var session = client.containers().attach(container, attach)) {
                return new Interaction(session, console(), input, terminal)
                        .leaveBy(keys, "")
                        .run();
            }
        }
    }
}
