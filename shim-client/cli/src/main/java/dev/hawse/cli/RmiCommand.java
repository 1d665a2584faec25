package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse rmi}. */
@Command(name = "rmi", description = "Remove images.")
final class RmiCommand extends ClientCommand {

    @Option(
            names = {"-f", "--force"},
            description = "Also while containers use them.")
    private boolean force;

    @Parameters(arity = "1..*", paramLabel = "IMAGE")
    private List<String> images = new ArrayList<>();

    RmiCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        int code = 0;
        for (var image : images) {
            try {
                var removed = client.images().remove(image, force);
                removed.untagged().forEach(n -> console().line("Untagged: " + Printable.escape(Human.image(n))));
                removed.deleted().forEach(d -> console().line("Deleted: " + Printable.escape(d)));
            } catch (HawseException e) {
                console().error("hawse: " + Printable.escape(String.valueOf(e.getMessage())));
                code = Cli.FAILED;
            }
        }
        return code;
    }
}
