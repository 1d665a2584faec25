package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hawse load}. */
@Command(name = "load", description = "Load the images of an archive from a file or standard input.")
final class LoadCommand extends ClientCommand {

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "Default: standard input.")
    private @Nullable Path file;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    private boolean quiet;

    @Option(names = "--base-name", paramLabel = "NAME", description = "For images that the archive gives no name.")
    private String baseName = "";

    LoadCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws IOException {
        if (file == null && console().inIsTerminal()) {
            throw new CliFailure("no archive: give a file with -i, or connect standard input to one");
        }
        if (file != null && Files.isDirectory(file)) {
            throw new CliFailure(file + ": is a directory");
        }
        try (var progress = new LoadDisplay(console(), quiet);
                InputStream archive = file == null ? console().in() : Files.newInputStream(file)) {
            client.images().load(archive, baseName, progress);
        }
        return 0;
    }
}
