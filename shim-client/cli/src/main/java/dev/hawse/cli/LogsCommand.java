package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.LogQuery;
import dev.hawse.client.OutputKind;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse logs}. */
@Command(
        name = "logs",
        description = "Show what a container wrote: exactly, or with control characters escaped on a terminal.")
final class LogsCommand extends ClientCommand {

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is written from now on.")
    private boolean follow;

    @Option(names = "--since", paramLabel = "TIME", description = "Only from this time on, or from a span ago.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only before this time, or before a span ago.")
    private @Nullable String until;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            description = "Only the last lines. Default: all.")
    private String tail = "all";

    @Option(
            names = {"-t", "--timestamps"},
            description = "Put the time before every line.")
    private boolean timestamps;

    @Option(names = "--raw", description = "Escape nothing on a terminal.")
    private boolean raw;

    @Parameters(paramLabel = "CONTAINER")
    private String container = "";

    LogsCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws IOException {
        var out = new LogWriter(console().out(), timestamps, console().outIsTerminal() && !raw);
        var err = new LogWriter(console().err(), timestamps, console().errIsTerminal() && !raw);
        try (var records = client.containers().logs(container, query(Instant.now()))) {
            while (records.hasNext()) {
                var record = records.next();
                if (record.missing() > 0) {
                    console().error(record.missing() + " bytes are missing here: " + record.why());
                    continue;
                }
                (record.stream() == OutputKind.STDERR ? err : out).write(record);
            }
        }
        out.end();
        err.end();
        return 0;
    }

    private LogQuery query(Instant now) {
        var query = follow ? LogQuery.FOLLOW : LogQuery.ALL;
        if (since != null) {
            query = query.since(Flags.time("--since", since, now));
        }
        if (until != null) {
            query = query.until(Flags.time("--until", until, now));
        }
        if (!tail.equals("all")) {
            try {
                query = query.tail(Integer.parseInt(tail));
            } catch (IllegalArgumentException e) {
                throw new CliFailure(
                        "--tail: not a number of lines (got " + tail + "), allowed are 0 and more, and all");
            }
        }
        return query;
    }
}
