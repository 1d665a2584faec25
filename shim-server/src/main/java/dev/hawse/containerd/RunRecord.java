package dev.hawse.containerd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a container's last run went, as a label of its record keeps it beyond this server's life.
 *
 * @param startedAt null when that is not known
 */
record RunRecord(@Nullable Instant startedAt, ProcessExit exit) {

    private static final ObjectMapper JSON = new ObjectMapper();

    String toLabel() {
        var node = JSON.createObjectNode();
        switch (exit.outcome()) {
            case ExitOutcome.Code(int code) -> node.put("code", code);
            case ExitOutcome.Signaled(Signal signal) -> node.put("signal", signal.number());
            case ExitOutcome.SpawnFailed(SpawnFailureKind kind, int errno, String message) ->
                node.put("spawn", kind.name()).put("errno", errno).put("message", message);
            case ExitOutcome.Lost(String reason) -> node.put("lost", reason);
        }
        node.put("stdout", exit.stdoutBytes())
                .put("stderr", exit.stderrBytes())
                .put("drain", exit.drain().name())
                .put("oom", exit.oomKilled());
        if (startedAt != null) {
            node.put("started", startedAt.toString());
        }
        if (exit.exitedAt() != null) {
            node.put("exited", exit.exitedAt().toString());
        }
        return node.toString();
    }

    /** Empty when the label is none of ours. */
    static Optional<RunRecord> fromLabel(String label) {
        try {
            var node = JSON.readTree(label);
            ExitOutcome outcome;
            if (node.has("code")) {
                outcome = new ExitOutcome.Code(node.get("code").asInt());
            } else if (node.has("signal")) {
                outcome = new ExitOutcome.Signaled(new Signal(node.get("signal").asInt()));
            } else if (node.has("spawn")) {
                outcome = new ExitOutcome.SpawnFailed(
                        SpawnFailureKind.valueOf(node.get("spawn").asText()),
                        node.path("errno").asInt(),
                        node.path("message").asText());
            } else {
                outcome = new ExitOutcome.Lost(node.path("lost").asText("the record does not say"));
            }
            var exit = new ProcessExit(
                    outcome,
                    node.path("stdout").asLong(),
                    node.path("stderr").asLong(),
                    DrainState.valueOf(node.path("drain").asText(DrainState.COMPLETE.name())),
                    node.path("oom").asBoolean(),
                    time(node.path("exited").asText("")),
                    PhaseTimes.NONE);
            return Optional.of(new RunRecord(time(node.path("started").asText("")), exit));
        } catch (JsonProcessingException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Instant time(String text) {
        return text.isEmpty() ? null : Instant.parse(text);
    }
}
