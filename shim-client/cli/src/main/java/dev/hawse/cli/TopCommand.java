package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hawse top}. */
@Command(name = "top", description = "List the processes of a container.")
final class TopCommand extends ClientCommand {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("MMM dd HH:mm").withZone(ZoneId.systemDefault());

    @Mixin
    private FormatOption format = new FormatOption();

    @Parameters(paramLabel = "CONTAINER")
    private String container = "";

    TopCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        var processes = client.containers().processes(container);
        if (format.json()) {
            console().print(Json.pretty(processes));
            return 0;
        }
        var table = new Table("UID", "PID", "PPID", "STATE", "START", "TIME", "RSS", "COMMAND");
        for (var p : processes) {
            var cpu = p.cpuTime();
            var started = p.startedAt();
            table.row(
                    Integer.toString(p.uid()),
                    Integer.toString(p.pid()),
                    Integer.toString(p.parentPid()),
                    p.state(),
                    started == null ? "" : TIME.format(started),
                    "%02d:%02d:%02d".formatted(cpu.toHours(), cpu.toMinutesPart(), cpu.toSecondsPart()),
                    Human.memory(p.residentBytes()),
                    String.join(" ", p.args()));
        }
        console().print(table.toString());
        return 0;
    }
}
