package dev.hawse.cli;

import dev.hawse.client.DisconnectPolicy;
import dev.hawse.client.ExecSpec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What Docker does not have: how a command's life is bounded, and what outlives its caller. */
final class ExecOptions {

    /** How long a command on a terminal goes on alone, and how long a server that is away is waited for. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    @Option(names = "--timeout", paramLabel = "TIME", description = "End the command after this time, such as 90s.")
    private @Nullable String timeout;

    @Option(
            names = "--kill-after",
            paramLabel = "TIME",
            description = "How long it gets to end by itself after that. Default: 10s.")
    private @Nullable String killAfter;

    @Option(
            names = "--on-disconnect",
            paramLabel = "POLICY",
            description =
                    "What happens to it without us: kill, hangup, detach or detach=TIME. Default: kill; detach=10m "
                            + "with -it.")
    private @Nullable String onDisconnect;

    @Option(
            names = "--output",
            paramLabel = "POLICY",
            description = "What happens to output that nobody reads: block, ring or spill, each with =SIZE or without.")
    private @Nullable String output;

    @Option(
            names = "--history",
            paramLabel = "SIZE",
            description = "How much output is kept for those who attach later.")
    private @Nullable String history;

    @Option(
            names = "--drain",
            paramLabel = "wait|TIME",
            description = "How long to wait for output that a process in the background holds open.")
    private @Nullable String drain;

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Run it at most once, however often this is repeated.")
    private String requestId = "";

    /** {@code terminal}: whether a person sits before it, who wants to find it again. */
    void apply(ExecSpec.Builder spec, boolean terminal, boolean detached) {
        spec.requestId(requestId);
        if (timeout != null) {
            spec.timeout(Flags.duration("--timeout", timeout));
        }
        if (killAfter != null) {
            spec.killAfter(Flags.duration("--kill-after", killAfter));
        }
        if (output != null || history != null) {
            spec.output(ExecFlags.output(output == null ? "block" : output, history));
        }
        if (drain != null) {
            spec.drain(ExecFlags.drain(drain));
        }
        var policy = onDisconnect != null
                ? ExecFlags.onDisconnect(onDisconnect)
                : terminal ? DisconnectPolicy.detach(PATIENCE) : null;
        if (policy != null) {
            spec.onDisconnect(policy);
        }
        if (policy instanceof DisconnectPolicy.Detach && !detached) {
            spec.reconnect(PATIENCE);
        }
    }
}
