package dev.hawse.state;

import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import org.jspecify.annotations.Nullable;

/** How a process ended, as a column holds it. */
final class ExitText {

    private ExitText() {}

    static @Nullable String write(@Nullable ExitOutcome outcome) {
        return switch (outcome) {
            case null -> null;
            case ExitOutcome.Code(int code) -> "code:" + code;
            case ExitOutcome.Signaled(Signal signal) -> "signal:" + signal.number();
            case ExitOutcome.SpawnFailed(SpawnFailureKind kind, int errno, String message) ->
                "spawn:" + kind + ":" + errno + ":" + message;
            case ExitOutcome.Lost(String reason) -> "lost:" + reason;
        };
    }

    static @Nullable ExitOutcome read(@Nullable String text) {
        if (text == null) {
            return null;
        }
        var parts = text.split(":", 2);
        return switch (parts[0]) {
            case "code" -> new ExitOutcome.Code(Integer.parseInt(parts[1]));
            case "signal" -> new ExitOutcome.Signaled(new Signal(Integer.parseInt(parts[1])));
            case "spawn" -> {
                var spawn = parts[1].split(":", 3);
                yield new ExitOutcome.SpawnFailed(
                        SpawnFailureKind.valueOf(spawn[0]), Integer.parseInt(spawn[1]), spawn[2]);
            }
            default -> new ExitOutcome.Lost(parts[1]);
        };
    }
}
