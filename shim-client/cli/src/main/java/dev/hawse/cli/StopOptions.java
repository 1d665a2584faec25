package dev.hawse.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to have a container end. */
final class StopOptions {

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

    @Nullable
    Duration grace() {
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    /** Empty for the container's own. */
    String signal() {
        return signal;
    }
}
