package dev.hawse.exit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads what it has written, and what former versions of it wrote: outcome, bytes of output, drain and the kernel's
 * out-of-memory killer. Each record adds what else it keeps. Pure functions.
 */
public final class ExitJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ExitJson() {}

    /** What all records keep of an end; new with each call. */
    public static ObjectNode of(ProcessExit exit) {
        var node = JSON.createObjectNode();
        switch (exit.outcome()) {
            case ExitOutcome.Code(int code) -> node.put("code", code);
            case ExitOutcome.Signaled(Signal signal) -> node.put("signal", signal.number());
            case ExitOutcome.SpawnFailed(SpawnFailureKind kind, int errno, String message) ->
                node.put("spawn", kind.name()).put("errno", errno).put("message", message);
            case ExitOutcome.Lost(String reason) -> node.put("lost", reason);
        }
        return node.put("stdout", exit.stdoutBytes())
                .put("stderr", exit.stderrBytes())
                .put("drain", exit.drain().name())
                .put("oom", exit.oomKilled());
    }

    public static JsonNode parse(String text) throws JsonProcessingException {
        return JSON.readTree(text);
    }

    /** The end that {@link #of} has written, with what the record keeps in a form of its own. */
    public static ProcessExit read(JsonNode node, @Nullable Instant exitedAt, PhaseTimes times) {
        return new ProcessExit(
                outcome(node),
                node.path("stdout").asLong(),
                node.path("stderr").asLong(),
                DrainState.valueOf(node.path("drain").asText(DrainState.COMPLETE.name())),
                node.path("oom").asBoolean(),
                exitedAt,
                times);
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
}
