package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Code;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse inspect}. */
@Command(name = "inspect", description = "Show all that is known of containers or images, as JSON.")
final class InspectCommand extends ClientCommand {

    /** What a name may mean. */
    enum Type {
        container,
        image,
        any
    }

    @Option(names = "--type", paramLabel = "container|image", description = "Default: a container, else an image.")
    private Type type = Type.any;

    @Parameters(arity = "1..*", paramLabel = "NAME")
    private List<String> names = new ArrayList<>();

    InspectCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        int code = 0;
        var found = new ArrayList<>();
        for (var name : names) {
            try {
                found.add(find(client, name));
            } catch (HawseException | CliFailure e) {
                console().error("hawse: " + Printable.escape(String.valueOf(e.getMessage())));
                code = Cli.FAILED;
            }
        }
        console().print(Json.pretty(found));
        return code;
    }

    private Object find(HawseClient client, String name) {
        return switch (type) {
            case container -> client.containers().get(name);
            case image -> client.images().get(name);
            case any -> {
                try {
                    yield client.containers().get(name);
                } catch (HawseException e) {
                    if (e.code() != Code.NOT_FOUND) {
                        throw e;
                    }
                    try {
                        yield client.images().get(name);
                    } catch (HawseException image) {
                        if (image.code() != Code.NOT_FOUND) {
                            throw image;
                        }
                        throw new CliFailure("no container and no image is called " + name);
                    }
                }
            }
        };
    }
}
