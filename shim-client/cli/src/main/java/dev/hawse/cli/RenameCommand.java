package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hawse rename}. */
@Command(name = "rename", description = "Give a container another name.")
final class RenameCommand extends ClientCommand {

    @Parameters(index = "0", paramLabel = "CONTAINER")
    private String container = "";

    @Parameters(index = "1", paramLabel = "NAME")
    private String name = "";

    RenameCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        client.containers().rename(container, name);
        return 0;
    }
}
