package dev.hawse.cli;

import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.SignalScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse exec}. */
@Command(
        name = "exec",
        description = "Execute a command in a running container.",
        footer = {
            "",
            "With -it the command outlives this program and the server: ctrl-p ctrl-q leaves it, 'hawse exec attach ID'",
            "comes back, closing the terminal hangs it up.",
            "",
            "Right behind 'exec', the words ls, attach, inspect and kill mean 'hawse execs ls' and so on; a container",
            "of such a name is reached by its id or by 'hawse exec -- ls COMMAND'."
        })
final class ExecCommand extends ClientCommand {

    @Mixin
    private ProcessOptions process = new ProcessOptions();

    @Mixin
    private ExecOptions options = new ExecOptions();

    @Mixin
    private DetachKeysOption detachKeys = new DetachKeysOption();

    @Option(
            names = {"-d", "--detach"},
            description = "Leave it running and print its id.")
    private boolean detach;

    @Parameters(index = "0", paramLabel = "CONTAINER")
    private String container = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND")
    private List<String> command = new ArrayList<>();

    ExecCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var keys = detachKeys.parse();
        if (detach) {
            return start(client);
        }
        try (var terminal = Terminals.open(console(), process.tty(), process.interactive())) {
            var spec = spec(terminal);
            boolean left = spec.reconnect() != null;
            try (var session = client.exec(container, spec)) {
                var interaction = new Interaction(session, console(), process.interactive(), terminal);
                if (left) {
                    interaction.leaveBy(keys, Interaction.attachAgain(session));
                }
                if (terminal != null && process.interactive()) {
                    interaction.onHangup(() -> hangUp(client, session));
                }
                return interaction.run();
            }
        }
    }

    private ExecSpec spec(@Nullable RawTerminal terminal) throws Exception {
        var spec = ExecSpec.builder(command);
        process.apply(spec, console(), Terminals.size(terminal));
        options.apply(spec, process.tty() && process.interactive() && !detach, detach);
        return spec.build();
    }

    private int start(HawseClient client) throws Exception {
        var exec = client.execs().start(container, spec(null));
        var exit = exec.exit();
        if (exit != null && exit.status() instanceof ExitStatus.SpawnFailed failed) {
            console().error("hawse: " + Printable.escape(failed.message()));
            return failed.shellCode();
        }
        console().line(exec.id());
        return 0;
    }

    /** The command would go on without us; a person who closes the terminal does not expect that. */
    private static void hangUp(HawseClient client, ExecSession session) {
        try {
            client.execs().signal(session.execId(), "HUP", SignalScope.TREE);
        } catch (HawseException e) {
            // The server is away: the time to live ends the command.
            return;
        }
    }
}
