package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hawse version}. */
@Command(name = "version", description = "Show the versions of this program and of the server.")
final class VersionCommand extends ClientCommand {

    @Mixin
    private FormatOption format = new FormatOption();

    VersionCommand(Hawse root) {
        super(root);
    }

    /** From the manifest; a program that was not packaged does not know. */
    static String clientVersion() {
        var version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    @Override
    int run(HawseClient client) {
        if (!format.json()) {
            console().line("Client: " + clientVersion());
        }
        var server = client.runtimes().version();
        if (format.json()) {
            Map<String, Object> both = new LinkedHashMap<>();
            both.put("client", clientVersion());
            both.put("server", server);
            console().print(Json.pretty(both));
        } else {
            console().print("""
                    Server: %s
                     API: %s
                     Commit: %s
                     Java: %s
                     Platform: %s
                    """.formatted(
                            Printable.escape(server.version()),
                            Printable.escape(server.apiVersion()),
                            server.commit().isEmpty() ? "unknown" : Printable.escape(server.commit()),
                            Printable.escape(server.javaVersion()),
                            Printable.escape(server.platform())));
        }
        return 0;
    }
}
