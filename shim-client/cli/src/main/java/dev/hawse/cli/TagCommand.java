package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hawse tag}. */
@Command(name = "tag", description = "Give an image another name.")
final class TagCommand extends ClientCommand {

    @Parameters(index = "0", paramLabel = "IMAGE")
    private String image = "";

    @Parameters(index = "1", paramLabel = "NAME")
    private String name = "";

    TagCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        client.images().tag(image, name);
        return 0;
    }
}
