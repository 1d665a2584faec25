package dev.hawse.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hawse.exit.ExitJson;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import java.time.Duration;
import java.time.Instant;

/** How a command ended, as its record keeps it. Pure functions. */
final class ExitText {

    private ExitText() {}

    static String of(ProcessExit exit) {
        var times = exit.times();
        var node = ExitJson.of(exit).put("timedOut", exit.timedOut()).put("possibleGap", exit.possibleGap());
        node.putArray("nanos")
                .add(times.queued().toNanos())
                .add(times.starting().toNanos())
                .add(times.running().toNanos())
                .add(times.draining().toNanos());
        if (exit.exitedAt() != null) {
            node.put("at", exit.exitedAt().toString());
        }
        return node.toString();
    }

    static ProcessExit read(String text) throws JsonProcessingException {
        var node = ExitJson.parse(text);
        var at = node.has("at") ? Instant.parse(node.get("at").asText()) : null;
        return ExitJson.read(node, at, times(node.path("nanos")))
                .with(
                        node.path("timedOut").asBoolean(),
                        node.path("possibleGap").asBoolean());
    }

    private static PhaseTimes times(JsonNode nanos) {
        return new PhaseTimes(time(nanos, 0), time(nanos, 1), time(nanos, 2), time(nanos, 3));
    }

    private static Duration time(JsonNode nanos, int index) {
        return Duration.ofNanos(nanos.path(index).asLong());
    }
}
