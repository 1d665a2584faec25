package dev.hawse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The client's records as JSON: components become fields, constants lower case, durations seconds; what is null is left
 * out; a record of a closed family names itself in {@code type}. Only ASCII comes out, so that a terminal obeys none of it.
 */
final class Json {

    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private Json() {}

    /** Over several lines, and a line end. */
    static String pretty(Object value) {
        return text(value, true) + "\n";
    }

    /** In one line, without its end. */
    static String line(Object value) {
        return text(value, false);
    }

    private static String text(Object value, boolean pretty) {
        var text = new StringWriter();
        try (var out = FACTORY.createGenerator(text)) {
            if (pretty) {
                out.setPrettyPrinter(
                        new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE));
            }
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The one control character that JSON leaves as it is.
        return text.toString().replace("\u007f", "\\u007f");
    }

    private static void write(JsonGenerator out, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> out.writeNull();
            case String s -> out.writeString(s);
            case Boolean b -> out.writeBoolean(b);
            case Integer i -> out.writeNumber(i);
            case Long l -> out.writeNumber(l);
            case Enum<?> e -> out.writeString(e.name().toLowerCase(Locale.ROOT));
            case Instant t -> out.writeString(t.toString());
            case Duration d -> out.writeNumber(d.toNanos() / 1e9);
            case Collection<?> items -> {
                out.writeStartArray();
                for (var item : items) {
                    write(out, item);
                }
                out.writeEndArray();
            }
            case Map<?, ?> map -> {
                out.writeStartObject();
                for (var entry : map.entrySet()) {
                    out.writeFieldName(String.valueOf(entry.getKey()));
                    write(out, entry.getValue());
                }
                out.writeEndObject();
            }
            case Record r -> record(out, r);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void record(JsonGenerator out, Record r) throws IOException {
        out.writeStartObject();
        var family = r.getClass().getEnclosingClass();
        if (family != null && family.isSealed()) {
            var name = r.getClass().getSimpleName();
            out.writeStringField("type", name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1));
        }
        for (var component : r.getClass().getRecordComponents()) {
            var value = value(r, component);
            if (value != null) {
                out.writeFieldName(component.getName());
                write(out, value);
            }
        }
        out.writeEndObject();
    }

    private static @Nullable Object value(Record r, RecordComponent component) {
        try {
            return component.getAccessor().invoke(r);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
