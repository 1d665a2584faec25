package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse save}. */
@Command(name = "save", description = "Write images as an archive to a file or standard output.")
final class SaveCommand extends ClientCommand {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Default: standard output.")
    private @Nullable Path file;

    @Parameters(arity = "1..*", paramLabel = "IMAGE")
    private List<String> images = new ArrayList<>();

    SaveCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) throws IOException {
        if (file == null) {
            if (console().outIsTerminal()) {
                throw new CliFailure("an archive is nothing for a terminal: give a file with -o");
            }
            client.images().save(images, console().out());
            return 0;
        }
        boolean done = false;
        // A neighbour first, so that a failure leaves no half archive and spoils none that was there.
        var whole = file.toAbsolutePath();
        var part = Files.createTempFile(whole.getParent(), "." + whole.getFileName(), ".part");
        try {
            try (var out = Files.newOutputStream(part)) {
                client.images().save(images, out);
            }
            Files.move(part, whole, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(part);
            }
        }
        return 0;
    }
}
