package dev.hawse.cli;

import dev.hawse.client.Event;
import dev.hawse.client.EventFilter;
import dev.hawse.client.EventStream;
import dev.hawse.client.EventType;
import dev.hawse.client.HawseClient;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hawse events}. */
@Command(name = "events", description = "Show what happens, as it happens, a line each.")
final class EventsCommand extends ClientCommand {

    @Option(names = "--from", paramLabel = "NUMBER", description = "Begin with the event of this number. Default: now.")
    private @Nullable String from;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Only events of this container, or of this type, such as container_exited.")
    private List<String> filters = new ArrayList<>();

    @Mixin
    private FormatOption format = new FormatOption();

    EventsCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        try (var events = watch(client)) {
            while (events.hasNext()) {
                var event = events.next();
                console().line(format.json() ? Json.line(event) : Printable.escape(line(event)));
            }
        }
        return 0;
    }

    private EventStream watch(HawseClient client) {
        var types = EnumSet.noneOf(EventType.class);
        var containers = new ArrayList<String>();
        for (var f : Filters.parse(filters)) {
            switch (f.key()) {
                case "type" -> types.add(type(f.value()));
                // The server filters by whole ids.
                case "container" ->
                    containers.add(
                            f.value().matches("[0-9a-f]{64}")
                                    ? f.value()
                                    : client.containers().get(f.value()).id());
                default -> throw Filters.unknown(f, "container and type");
            }
        }
        var filter = new EventFilter(types, containers);
        return from == null
                ? client.events().watch(filter)
                : client.events().watch(Flags.number("--from", from), filter);
    }

    private static EventType type(String text) {
        try {
            return EventType.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new CliFailure("filter: unknown type (got " + text + "), allowed are such as container_started");
        }
    }

    static String line(Event e) {
        var line = new StringBuilder()
                .append(e.time())
                .append(' ')
                .append(e.type().name().toLowerCase(Locale.ROOT));
        if (!e.containerId().isEmpty()) {
            line.append(' ').append(Human.id(e.containerId()));
        }
        if (!e.execId().isEmpty()) {
            line.append(" exec=").append(Human.id(e.execId()));
        }
        if (!e.image().isEmpty()) {
            line.append(' ').append(e.image());
        }
        if (e.exit() != null) {
            line.append(" (").append(e.exit()).append(')');
        }
        return line.append(" #").append(e.sequence()).toString();
    }
}
