package dev.hawse.cli;

import dev.hawse.client.Exec;
import dev.hawse.client.ExecState;
import dev.hawse.client.HawseClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse execs ls}. */
@Command(name = "ls", description = "List commands that run in containers.")
final class ExecListCommand extends ClientCommand {

    private static final int COMMAND_WIDTH = 30;

    @Option(
            names = {"-a", "--all"},
            description = "Also those that have ended and are still known.")
    private boolean all;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only ids.")
    private boolean quiet;

    @Option(names = "--no-trunc", description = "Whole ids and command lines.")
    private boolean whole;

    @Mixin
    private FormatOption format = new FormatOption();

    @Parameters(arity = "0..1", paramLabel = "CONTAINER", description = "Only those in this one.")
    private @Nullable String container;

    ExecListCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        var states = all ? Set.<ExecState>of() : Set.of(ExecState.STARTING, ExecState.RUNNING);
        var execs = client.execs().stream(container, states).toList();
        if (format.json()) {
            console().print(Json.pretty(execs));
        } else if (quiet) {
            execs.forEach(e -> console().line(Printable.escape(whole ? e.id() : e.shortId())));
        } else {
            console().print(table(execs, Instant.now()).toString());
        }
        return 0;
    }

    private Table table(List<Exec> execs, Instant now) {
        var table = new Table("EXEC ID", "CONTAINER ID", "COMMAND", "CREATED", "STATUS", "VIEWERS");
        for (var e : execs) {
            table.row(
                    whole ? e.id() : e.shortId(),
                    whole ? e.containerId() : Human.id(e.containerId()),
                    Human.command(e.command(), whole ? Integer.MAX_VALUE : COMMAND_WIDTH),
                    Human.ago(e.createdAt(), now),
                    status(e, now),
                    Integer.toString(e.viewers()));
        }
        return table;
    }

    private static String status(Exec e, Instant now) {
        return switch (e.state()) {
            case STARTING -> "Starting";
            case RUNNING -> {
                var started = e.startedAt();
                yield started == null ? "Up" : "Up " + Human.span(Duration.between(started, now));
            }
            case EXITED -> {
                var exit = e.exit();
                yield exit == null
                        ? "Exited"
                        : ("Exited (" + exit.shellCode() + ") " + Human.ago(exit.exitedAt(), now)).strip();
            }
            case UNKNOWN -> "Unknown";
        };
    }
}
