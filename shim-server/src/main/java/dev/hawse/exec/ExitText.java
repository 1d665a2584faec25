package dev.hawse.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import java.time.Duration;
import java.time.Instant;

/** How a command ended, as its record keeps it. Pure functions. */
final class ExitText {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ExitText() {}

    static String of(ProcessExit exit) {
        var node = JSON.createObjectNode();
        switch (exit.outcome()) {
            case ExitOutcome.Code(int code) -> node.put("code", code);
            case ExitOutcome.Signaled(Signal signal) -> node.put("signal", signal.number());
            case ExitOutcome.SpawnFailed(SpawnFailureKind kind, int errno, String message) ->
                node.put("spawn", kind.name()).put("errno", errno).put("message", message);
            case ExitOutcome.Lost(String reason) -> node.put("lost", reason);
        }
        var times = exit.times();
        node.put("stdout", exit.stdoutBytes())
                .put("stderr", exit.stderrBytes())
                .put("drain", exit.drain().name())
                .put("oom", exit.oomKilled())
                .put("timedOut", exit.timedOut())
                .put("possibleGap", exit.possibleGap());
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
        var node = JSON.readTree(text);
        var nanos = node.path("nanos");
        return new ProcessExit(
                outcome(node),
                node.path("stdout").asLong(),
                node.path("stderr").asLong(),
                DrainState.valueOf(node.path("drain").asText(DrainState.COMPLETE.name())),
                node.path("oom").asBoolean(),
                node.has("at") ? Instant.parse(node.get("at").asText()) : null,
                new PhaseTimes(time(nanos, 0), time(nanos, 1), time(nanos, 2), time(nanos, 3)),
                node.path("timedOut").asBoolean(),
                node.path("possibleGap").asBoolean());
    }

    private static ExitOutcome outcome(JsonNode node) {
        if (node.has("code")) {
            return new ExitOutcome.Code(node.get("code").asInt());
        }
        if (node.has("signal")) {
            return new ExitOutcome.Signaled(new Signal(node.get("signal").asInt()));
        }
        if (node.has("spawn")) {
            return new ExitOutcome.SpawnFailed(
                    SpawnFailureKind.valueOf(node.get("spawn").asText()),
                    node.path("errno").asInt(),
                    node.path("message").asText());
        }
        return new ExitOutcome.Lost(node.path("lost").asText("the record does not say"));
    }

    private static Duration time(JsonNode nanos, int index) {
        return Duration.ofNanos(nanos.path(index).asLong());
    }
}
