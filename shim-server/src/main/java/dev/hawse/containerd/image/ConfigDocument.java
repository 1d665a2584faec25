package dev.hawse.containerd.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.Text;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the configuration of an image. */
final class ConfigDocument {

    private ConfigDocument() {}

    static Document.Config read(String digest, byte[] bytes) {
        var what = "the configuration " + digest;
        var root = Documents.json(what, bytes);
        var diffIds = Documents.texts(root.path("rootfs").path("diff_ids"));
        for (var diffId : diffIds) {
            if (!Digests.isSha256(diffId)) {
                throw Documents.invalid(
                        what + ": rootfs.diff_ids must be digests (got \"" + Text.printable(diffId) + "\")");
            }
        }
        var platform = new Platform(
                root.path("os").asText(""),
                root.path("architecture").asText(""),
                root.path("variant").asText(""));
        return new Document.Config(
                platform, time(root.path("created").asText("")), image(root.path("config")), diffIds);
    }

    private static ImageConfig image(JsonNode config) {
        return new ImageConfig(
                Documents.texts(config.path("Entrypoint")),
                Documents.texts(config.path("Cmd")),
                Documents.texts(config.path("Env")),
                config.path("WorkingDir").asText(""),
                config.path("User").asText(""),
                config.path("StopSignal").asText(""),
                Documents.strings(config.path("Labels")),
                keys(config.path("ExposedPorts")),
                keys(config.path("Volumes")));
    }

    private static List<String> keys(JsonNode object) {
        var keys = new TreeSet<String>();
        object.fieldNames().forEachRemaining(keys::add);
        return List.copyOf(keys);
    }

    private static @Nullable Instant time(String text) {
        try {
            var time = Instant.parse(text);
            // Builds that hide their time write the epoch; Go writes the year 1 for none.
            return time.getEpochSecond() > 0 ? time : null;
        } catch (DateTimeParseException _) {
            return null;
        }
    }
}
