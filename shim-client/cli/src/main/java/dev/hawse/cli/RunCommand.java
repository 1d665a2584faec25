package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawse run}. */
@Command(name = "run", description = "Create a container, start it and connect to it.")
final class RunCommand extends ClientCommand {

    @Mixin
    private ContainerOptions options = new ContainerOptions();

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
        if (detach) {
            return runDetached(client);
        }
        try (var terminal = Terminals.open(console(), options.tty(), options.interactive())) {
            var spec = options.spec(console(), Terminals.size(terminal));
            var containers = client.containers();
            try (var session = remove ? containers.runAndRemove(spec) : containers.run(spec)) {
                session.warnings().forEach(w -> console().error("hawse: " + Printable.escape(w)));
                return new Interaction(session, console(), options.interactive(), terminal, true).run();
            }
        }
    }

    private int runDetached(HawseClient client) throws Exception {
        if (remove) {
            throw new CliFailure(
                    "--rm: not allowed with --detach, since nobody would be there to remove the container");
        }
        var spec = options.spec(console(), Terminals.size(null));
        console().line(client.containers().runDetached(spec).id());
        return 0;
    }
}
