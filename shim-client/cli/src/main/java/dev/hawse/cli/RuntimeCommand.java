package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hawse runtime}. */
@Command(name = "runtime", description = "List the engines that the server speaks to.")
final class RuntimeCommand extends ClientCommand {

    /** What to do with the engines. */
    enum Verb {
        ls
    }

    @Parameters(arity = "0..1", paramLabel = "ls")
    private Verb verb = Verb.ls;

    @Mixin
    private FormatOption format = new FormatOption();

    RuntimeCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        return switch (verb) {
            case ls -> list(client);
        };
    }

    private int list(HawseClient client) {
        var runtimes = client.runtimes().list();
        if (format.json()) {
            console().print(Json.pretty(runtimes));
            return 0;
        }
        var table = new Table("RUNTIME", "ACTIVE", "STATUS", "VERSION", "ENDPOINT", "NAMESPACE", "OCI RUNTIMES");
        for (var r : runtimes) {
            table.row(
                    r.kind().name().toLowerCase(Locale.ROOT),
                    r.active() ? "*" : "",
                    r.available() ? "available" : "unavailable: " + r.unavailableReason(),
                    r.version(),
                    r.endpoint(),
                    r.namespace(),
                    String.join(", ", r.ociRuntimes()));
        }
        console().print(table.toString());
        return 0;
    }
}
