package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hawse create}. */
@Command(name = "create", description = "Create a container and print its id.")
final class CreateCommand extends ClientCommand {

    @Mixin
    private ContainerOptions options = new ContainerOptions();

    CreateCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var created = client.containers().create(options.spec(console(), Terminals.size(null)));
        created.warnings().forEach(w -> console().error("hawse: " + Printable.escape(w)));
        console().line(Printable.escape(created.id()));
        return 0;
    }
}
