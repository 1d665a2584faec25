package dev.hawse.cli;

import dev.hawse.client.Container;
import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerState;
import dev.hawse.client.HawseClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawse ps}. */
@Command(name = "ps", description = "List containers.")
final class PsCommand extends ClientCommand {

    private static final int COMMAND_WIDTH = 20;

    @Option(
            names = {"-a", "--all"},
            description = "Also those that do not run.")
    private boolean all;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only ids.")
    private boolean quiet;

    @Option(names = "--no-trunc", description = "Whole ids and command lines.")
    private boolean whole;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Only those with this id, name, label, status or ancestor.")
    private List<String> filters = new ArrayList<>();

    @Mixin
    private FormatOption format = new FormatOption();

    PsCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        var containers = client.containers().stream(filter()).toList();
        if (format.json()) {
            console().print(Json.pretty(containers));
        } else if (quiet) {
            containers.forEach(c -> console().line(Printable.escape(whole ? c.id() : c.shortId())));
        } else {
            console().print(table(containers, Instant.now()).toString());
        }
        return 0;
    }

    private ContainerFilter filter() {
        var filter = ContainerFilter.builder();
        boolean anyState = all;
        for (var f : Filters.parse(filters)) {
            switch (f.key()) {
                case "id" -> filter.container(f.value());
                case "name" -> filter.nameContains(f.value());
                case "ancestor" -> filter.image(f.value());
                case "label" -> Flags.labels(List.of(f.value())).forEach(filter::label);
                case "status" -> {
                    filter.state(state(f.value()));
                    anyState = true;
                }
                default -> throw Filters.unknown(f, "id, name, ancestor, label and status");
            }
        }
        if (!anyState) {
            ContainerFilter.ALIVE.states().forEach(filter::state);
        }
        return filter.build();
    }

    private static ContainerState state(String text) {
        try {
            return ContainerState.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            var allowed = Arrays.stream(ContainerState.values())
                    .map(s -> s.name().toLowerCase(Locale.ROOT))
                    .filter(s -> !s.equals("unknown"))
                    .toList();
            throw new CliFailure(
                    "filter: unknown status (got " + text + "), allowed are " + String.join(", ", allowed));
        }
    }

    Table table(List<Container> containers, Instant now) {
        var table = new Table("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "NAMES");
        for (var c : containers) {
            var entrypoint = c.spec().entrypoint();
            var words = Stream.concat(entrypoint == null ? Stream.of() : entrypoint.stream(), c.spec().args().stream())
                    .toList();
            table.row(
                    whole ? c.id() : c.shortId(),
                    Human.image(c.image()),
                    Human.command(words, whole ? Integer.MAX_VALUE : COMMAND_WIDTH),
                    Human.ago(c.createdAt(), now),
                    status(c, now),
                    c.name());
        }
        return table;
    }

    static String status(Container c, Instant now) {
        var started = c.startedAt();
        var up = started == null ? "Up" : "Up " + Human.span(Duration.between(started, now));
        return switch (c.state()) {
            case CREATED -> "Created";
            case RUNNING -> up;
            case PAUSED -> up + " (Paused)";
            case EXITED -> {
                var exit = c.exit();
                yield ("Exited (" + (exit == null ? "?" : exit.shellCode()) + ") " + Human.ago(c.finishedAt(), now))
                        .strip();
            }
            case UNKNOWN -> "Unknown";
        };
    }
}
