package dev.hawse.containerd;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hawse.exit.ExitJson;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a container's last run went, as a label of its record keeps it beyond this server's life.
 *
 * @param startedAt null when that is not known
 */
record RunRecord(@Nullable Instant startedAt, ProcessExit exit) {

    String toLabel() {
        var node = ExitJson.of(exit);
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
            var node = ExitJson.parse(label);
            var exit = ExitJson.read(node, time(node.path("exited").asText("")), PhaseTimes.NONE);
            return Optional.of(new RunRecord(time(node.path("started").asText("")), exit));
        } catch (JsonProcessingException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Instant time(String text) {
        return text.isEmpty() ? null : Instant.parse(text);
    }
}
