package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hawse info}. */
@Command(name = "info", description = "Show the server's host and how much is on it.")
final class InfoCommand extends ClientCommand {

    @Mixin
    private FormatOption format = new FormatOption();

    InfoCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        var info = client.runtimes().info();
        if (format.json()) {
            console().print(Json.pretty(info));
            return 0;
        }
        var caller = info.caller();
        console().print("""
                Containers: %d (%d running, %d paused)
                Images: %d
                Commands running: %d
                Host: %s
                Operating system: %s
                Kernel: %s
                Architecture: %s
                Processors: %d
                Memory: %s
                Control groups: v%d
                Seccomp: %s
                Server up: %s
                Caller: %s
                """.formatted(
                        info.containers(),
                        info.containersRunning(),
                        info.containersPaused(),
                        info.images(),
                        info.execsRunning(),
                        Printable.escape(info.hostname()),
                        Printable.escape(info.operatingSystem()),
                        Printable.escape(info.kernelVersion()),
                        Printable.escape(info.architecture()),
                        info.processors(),
                        Human.memory(info.memoryBytes()),
                        info.cgroupVersion(),
                        info.seccomp() ? "yes" : "no",
                        Human.span(info.uptime()),
                        caller == null
                                ? "not known"
                                : "uid %d, gid %d, pid %d".formatted(caller.uid(), caller.gid(), caller.pid())));
        return 0;
    }
}
