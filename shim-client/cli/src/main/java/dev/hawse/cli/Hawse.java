package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself: what all commands share. */
@Command(
        name = "hawse",
        description = "Runs containers through a Hawse server.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: the process's own; 125 when hawse fails, 126 and 127 as in a shell, 128+N for signal N."
        })
final class Hawse implements Runnable {

    private final Console console;

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            scope = ScopeType.INHERIT,
            description = "Where the server listens: unix:/path or tcp:host:port. "
                    + "Default: $HAWSE_ADDRESS, else unix:/run/hawse/hawse.sock.")
    private @Nullable String address;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show stack traces of failures.")
    private boolean debug;

    @SuppressWarnings("unused") // picocli asks its own model.
    @Option(names = "--help", scope = ScopeType.INHERIT, usageHelp = true, description = "Show this and exit.")
    private boolean help;

    @Option(names = "--version", description = "Show the version of this program and exit.")
    private boolean version;

    Hawse(Console console) {
        this.console = console;
    }

    Console console() {
        return console;
    }

    boolean debug() {
        return debug;
    }

    HawseClient connect() {
        var builder = HawseClient.builder();
        if (address != null) {
            builder.address(address);
        }
        return builder.build();
    }

    @Override
    public void run() {
        console.print(
                version
                        ? VersionCommand.clientVersion() + "\n"
                        : Cli.whole(this).getUsageMessage());
    }
}
