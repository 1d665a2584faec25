package dev.hawse.containerd.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON documents of images, which strangers wrote: what is wrong with one is said in a sentence. */
final class Documents {

    /** The largest document that is read. */
    static final int LARGEST = 20 << 20;

    private static final int MOST_ENTRIES = 10_000;

    private static final JsonMapper MAPPER = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private Documents() {}

    static RuntimeFailure invalid(String message) {
        return RuntimeFailure.of(Reason.INVALID_ARCHIVE, message);
    }

    static JsonNode json(String what, byte[] bytes) {
        try (JsonParser parser = MAPPER.createParser(bytes)) {
            @Nullable JsonNode node = parser.readValueAsTree();
            if (node == null || parser.nextToken() != null) {
                throw invalid(what + " must be one JSON value");
            }
            return node;
        } catch (IOException e) {
            throw invalid(what + " is not valid JSON: " + Text.printable(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Reads an index or a manifest. A document that can be read as both is refused (CVE-2021-41190), and so is one that is
     * not what it was said to be.
     */
    static Document read(Descriptor descriptor, byte[] bytes) {
        var what = "the document " + descriptor.digest();
        var root = json(what, bytes);
        var index = root.has("manifests");
        if (index && (root.has("layers") || root.has("config"))) {
            throw invalid(what + " has both manifests and layers; it must be an index or a manifest");
        }
        if (!index && !root.has("layers")) {
            throw invalid(what + " is neither an index nor a manifest (schema version "
                    + Text.printable(root.path("schemaVersion").asText("none"))
                    + "); Docker's schema 1 is not supported");
        }
        for (var type : List.of(descriptor.mediaType(), root.path("mediaType").asText(""))) {
            if (index ? MediaTypes.isManifest(type) : MediaTypes.isIndex(type)) {
                throw invalid(what + " is " + (index ? "an index" : "a manifest") + " but its media type is " + type);
            }
        }
        return index
                ? new Document.Index(descriptors(what + ", manifests", root.path("manifests")))
                : new Document.Manifest(
                        descriptor(what + ", config", root.path("config")),
                        descriptors(what + ", layers", root.path("layers")));
    }

    static List<Descriptor> descriptors(String what, JsonNode list) {
        if (!list.isArray() || list.size() > MOST_ENTRIES) {
            throw invalid(what + " must be a list of at most " + MOST_ENTRIES);
        }
        var all = new ArrayList<Descriptor>(list.size());
        for (var i = 0; i < list.size(); i++) {
            all.add(descriptor(what + "[" + i + "]", list.path(i)));
        }
        return all;
    }

    static Descriptor descriptor(String what, JsonNode node) {
        var digest = node.path("digest").asText("");
        if (!Digests.isSha256(digest)) {
            throw invalid(what + ": digest must be sha256: and 64 hex digits (got \"" + Text.printable(digest) + "\")");
        }
        var size = node.path("size").asLong(-1);
        if (size < 0) {
            throw invalid(what + ": size must be a number of bytes");
        }
        return new Descriptor(
                node.path("mediaType").asText(""),
                digest,
                size,
                strings(node.path("annotations")),
                platform(node.path("platform")));
    }

    static List<String> texts(JsonNode list) {
        var all = new ArrayList<String>(list.size());
        list.forEach(item -> all.add(item.asText("")));
        return all;
    }

    static Map<String, String> strings(JsonNode object) {
        var all = new LinkedHashMap<String, String>();
        object.properties()
                .forEach(field -> all.put(field.getKey(), field.getValue().asText("")));
        return all;
    }

    private static @Nullable Platform platform(JsonNode node) {
        return node.isObject()
                ? new Platform(
                        node.path("os").asText(""),
                        node.path("architecture").asText(""),
                        node.path("variant").asText(""))
                : null;
    }
}
