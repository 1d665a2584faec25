package dev.hawse.cli;

import dev.hawse.client.AttachExecSpec;
import dev.hawse.client.DisconnectPolicy;
import dev.hawse.client.Exec;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecState;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse execs attach}. */
@Command(
        name = "attach",
        description = "Connect to a command that was started before. Leaving it leaves it running, if it may be left.")
final class ExecAttachCommand extends ClientCommand {

    @Option(names = "--no-stdin", description = "Only watch.")
    private boolean noStdin;

    @Option(
            names = "--from",
            paramLabel = "oldest|now|OUT,ERR",
            description = "Which output to show first. Default: ${DEFAULT-VALUE}.")
    private String from = "oldest";

    @Option(names = "--take-over", description = "Take the input from whoever has it.")
    private boolean takeOver;

    @Mixin
    private DetachKeysOption detachKeys = new DetachKeysOption();

    @Parameters(paramLabel = "ID")
    private String id = "";

    ExecAttachCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var keys = detachKeys.parse();
        var readFrom = ExecFlags.from(from);
        var exec = client.execs().get(id);
        boolean input = exec.state() != ExecState.EXITED && exec.stdinOpen() && !noStdin;
        try (var terminal = Terminals.open(console(), exec.terminal(), input)) {
            var spec = AttachExecSpec.builder().from(readFrom);
            describe(spec, exec, input, terminal);
            try (var session = attach(client, exec, spec.build())) {
                return new Interaction(session, console(), input, terminal)
                        .leaveBy(keys, Interaction.attachAgain(session))
                        .run();
            }
        }
    }

    private void describe(AttachExecSpec.Builder spec, Exec exec, boolean input, @Nullable RawTerminal terminal) {
        if (input) {
            spec.stdin();
        }
        if (input && takeOver) {
            spec.takeOver();
        }
        if (input && terminal != null) {
            spec.size(terminal.size());
        }
        if (exec.onDisconnect() instanceof DisconnectPolicy.Detach) {
            spec.reconnect(ExecOptions.PATIENCE);
        }
    }

    private static ExecSession attach(HawseClient client, Exec exec, AttachExecSpec spec) {
        try {
            return client.execs().attach(exec.id(), spec);
        } catch (HawseException e) {
            if (e.reason() == HawseException.Reason.WRITER_TAKEN) {
                throw new CliFailure(e.getMessage() + "; --take-over takes the input, --no-stdin only watches");
            }
            throw e;
        }
    }
}
