package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.RunOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawse run}. */
@Command(name = "run", description = "Create a container, start it and connect to it.")
final class RunCommand extends ClientCommand {

    @Mixin
    private ContainerOptions options = new ContainerOptions();

    @Mixin
    private DetachKeysOption detachKeys = new DetachKeysOption();

    @Option(
            names = {"-d", "--detach"},
            description = "Leave it running and print its id.")
    private boolean detach;

    @Option(names = "--rm", description = "Remove the container when it has ended.")
    private boolean remove;

    RunCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var keys = detachKeys.parse();
        if (detach) {
            return runDetached(client);
        }
        try (var terminal = Terminals.open(console(), options.tty(), options.interactive())) {
            var spec = options.spec(console(), Terminals.size(terminal));
            try (var session = client.containers().run(spec, runOptions())) {
                session.warnings().forEach(w -> console().error("hawse: " + Printable.escape(w)));
                return new Interaction(session, console(), options.interactive(), terminal)
                        .leaveBy(keys, "")
                        .run();
            }
        }
    }

    private int runDetached(HawseClient client) throws Exception {
        var spec = options.spec(console(), Terminals.size(null));
        var created = client.containers().runDetached(spec, runOptions());
        created.warnings().forEach(w -> console().error("hawse: " + Printable.escape(w)));
        console().line(Printable.escape(created.id()));
        return 0;
    }

    private RunOption[] runOptions() {
        return remove ? new RunOption[] {RunOption.REMOVE_AT_EXIT} : new RunOption[0];
    }
}
