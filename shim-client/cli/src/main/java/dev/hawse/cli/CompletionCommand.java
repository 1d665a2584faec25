package dev.hawse.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code hawse completion}. */
@Command(
        name = "completion",
        description = "Print a script that completes commands and flags, for bash; for zsh too, after bashcompinit.")
final class CompletionCommand implements Runnable {

    private final Hawse root;

    CompletionCommand(Hawse root) {
        this.root = root;
    }

    @Override
    public void run() {
        root.console().print(AutoComplete.bash("hawse", Cli.whole(new Hawse(root.console()))));
    }
}
