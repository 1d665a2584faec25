package dev.hawse.containerd.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;

/** JSON with integers that stay integers. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    static ArrayNode strings(Collection<String> items) {
        var array = array();
        items.forEach(array::add);
        return array;
    }

    static ArrayNode strings(String... items) {
        return strings(List.of(items));
    }

    static JsonNode unsigned(long value) {
        return value >= 0
                ? LongNode.valueOf(value)
                : BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(value)));
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("JSON could not be written", e);
        }
    }

    /** @throws IOException when this is not one JSON object */
    static ObjectNode parse(byte[] json) throws IOException {
        if (MAPPER.readTree(json) instanceof ObjectNode object) {
            return object;
        }
        throw new IOException("not a JSON object");
    }
}
