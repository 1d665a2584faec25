package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.Image;
import dev.hawse.client.ImageFilter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hawse images}. */
@Command(name = "images", description = "List images.")
final class ImagesCommand extends ClientCommand {

    @Option(
            names = {"-q", "--quiet"},
            description = "Only ids.")
    private boolean quiet;

    @Option(names = "--no-trunc", description = "Whole ids.")
    private boolean whole;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "label=KEY[=VALUE]",
            description = "Only those with this label.")
    private List<String> filters = List.of();

    @Mixin
    private FormatOption format = new FormatOption();

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only images of this name; * stands for characters.")
    private @Nullable String name;

    ImagesCommand(Hawse root) {
        super(root);
    }

    @Override
    int run(HawseClient client) {
        var images = client.images().stream(filter()).toList();
        if (format.json()) {
            console().print(Json.pretty(images));
        } else if (quiet) {
            images.stream().map(this::id).distinct().forEach(id -> console().line(Printable.escape(id)));
        } else {
            console().print(table(images, Instant.now()).toString());
        }
        return 0;
    }

    private ImageFilter filter() {
        Map<String, String> labels = Filters.parse(filters).stream()
                .map(f -> {
                    if (!f.key().equals("label")) {
                        throw Filters.unknown(f, "label");
                    }
                    return Flags.labels(List.of(f.value()));
                })
                .collect(java.util.HashMap::new, Map::putAll, Map::putAll);
        return new ImageFilter(name == null ? List.of() : List.of(name), labels, List.of());
    }

    private String id(Image image) {
        return whole ? image.configDigest() : Human.id(image.configDigest());
    }

    Table table(List<Image> images, Instant now) {
        var table = new Table("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE");
        for (var image : images) {
            var name = Human.image(image.name());
            int digest = name.indexOf('@');
            var tagged = digest < 0 ? name : name.substring(0, digest);
            int colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
            table.row(
                    colon < 0 ? tagged : tagged.substring(0, colon),
                    colon < 0 ? "<none>" : tagged.substring(colon + 1),
                    id(image),
                    Human.ago(image.builtAt() == null ? image.updatedAt() : image.builtAt(), now),
                    Human.size(image.sizeBytes()));
        }
        return table;
    }
}
