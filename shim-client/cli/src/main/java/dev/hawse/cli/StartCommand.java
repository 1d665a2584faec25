package dev.hawse.cli;

import dev.hawse.client.AttachSession;
import dev.hawse.client.AttachSpec;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse start}. */
@Command(name = "start", description = "Start containers that were created or have ended.")
final class StartCommand extends ClientCommand {

    @Option(
            names = {"-a", "--attach"},
            description = "Connect to it, and exit with its exit code.")
    private boolean attach;

    @Option(
            names = {"-i", "--interactive"},
            description = "Connect standard input too.")
    private boolean interactive;

    @Mixin
    private DetachKeysOption detachKeys = new DetachKeysOption();

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    StartCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        if (attach || interactive) {
            if (containers.size() > 1) {
                throw new CliFailure("CONTAINER: one at most can be attached to (got " + containers.size() + ")");
            }
            return startAndAttach(client, containers.getFirst(), detachKeys.parse());
        }
        return each(containers, name -> {
            client.containers().start(name);
            return name;
        });
    }

    /**
     * What it writes is taken from its log, since the attachment begins only when it runs; the server is on this host, and
     * has this host's clock.
     */
    private int startAndAttach(HawseClient client, String name, DetachKeys keys) throws Exception {
        var before = Instant.now();
        var spec = client.containers().get(name).spec();
        boolean input = interactive && spec.stdin();
        try (var terminal = Terminals.open(console(), spec.terminal() != null, input)) {
            var id = client.containers().start(name).id();
            try (var log = LoggedOutput.follow(client, id, before, console());
                    var session = attach(client, id, input, terminal)) {
                if (session != null) {
                    return new Interaction(session, console(), input, terminal)
                            .outputFrom(log)
                            .leaveBy(keys, "")
                            .run();
                }
                log.awaitEnd();
                var exit = client.containers().get(id).exit();
                return exit == null ? Cli.FAILED : exit.shellCode();
            }
        }
    }

    /** Null when it has ended already. */
    private static @Nullable AttachSession attach(
            HawseClient client, String id, boolean input, @Nullable RawTerminal terminal) {
        var spec = input ? AttachSpec.INTERACTIVE : AttachSpec.WATCH;
        try {
            return client.containers().attach(id, terminal == null ? spec : spec.withSize(terminal.size()));
        } catch (HawseException e) {
            if (e.reason() == HawseException.Reason.CONTAINER_STATE) {
                return null;
            }
            throw e;
        }
    }
}
