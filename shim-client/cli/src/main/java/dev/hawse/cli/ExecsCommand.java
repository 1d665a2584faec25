package dev.hawse.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code hawse execs}: what there is to do with commands that run already. */
@Command(
        name = "execs",
        description = "List commands in containers, and come back to them.",
        synopsisSubcommandLabel = "VERB",
        footer = {"", "'hawse exec ls', 'exec attach', 'exec inspect' and 'exec kill' mean the same."})
final class ExecsCommand implements Runnable {

    /** What may follow {@code exec} too. */
    static final List<String> VERBS = List.of("ls", "attach", "inspect", "kill");

    private final Hawse root;

    ExecsCommand(Hawse root) {
        this.root = root;
    }

    static CommandLine commandLine(Hawse root) {
        return new CommandLine(new ExecsCommand(root))
                .addSubcommand("ls", new ExecListCommand(root))
                .addSubcommand("attach", new ExecAttachCommand(root))
                .addSubcommand("inspect", new ExecInspectCommand(root))
                .addSubcommand("kill", new ExecKillCommand(root));
    }

    @Override
    public void run() {
        root.console().print(commandLine(root).getUsageMessage(CommandLine.Help.Ansi.OFF));
    }
}
