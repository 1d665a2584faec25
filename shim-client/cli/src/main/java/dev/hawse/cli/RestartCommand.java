package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse restart}. */
@Command(name = "restart", description = "Stop containers and start them again.")
final class RestartCommand extends ClientCommand {

    @Option(
            names = {"-t", "--time", "--timeout"},
            paramLabel = "SECONDS",
            description = "How long to wait before killing. Default: the container's own.")
    private @Nullable Long seconds;

    @Option(
            names = {"-s", "--signal"},
            paramLabel = "SIGNAL",
            description = "What to send first.")
    private String signal = "";

    @Parameters(arity = "1..*", paramLabel = "CONTAINER")
    private List<String> containers = new ArrayList<>();

    RestartCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws Exception {
        var grace = seconds == null ? null : Duration.ofSeconds(seconds);
        return each(containers, name -> {
            client.containers().restart(name, grace, signal);
            return name;
        });
    }
}
