package dev.hawse.cli;

import dev.hawse.client.DisconnectPolicy;
import dev.hawse.client.DrainPolicy;
import dev.hawse.client.OutputOffsets;
import dev.hawse.client.OutputPolicy;
import dev.hawse.client.ReadFrom;
import org.jspecify.annotations.Nullable;

/** The values of the flags that Docker does not have, taken apart. */
final class ExecFlags {

    private ExecFlags() {}

    /** {@code kill}, {@code hangup}, {@code detach} or {@code detach=10m}. */
    static DisconnectPolicy onDisconnect(String text) {
        int equals = text.indexOf('=');
        if (equals > 0 && text.startsWith("detach=")) {
            return DisconnectPolicy.detach(Flags.duration("--on-disconnect", text.substring(equals + 1)));
        }
        return switch (text) {
            case "kill" -> DisconnectPolicy.KILL;
            case "hangup" -> DisconnectPolicy.HANGUP;
            case "detach" -> DisconnectPolicy.detach();
            default ->
                throw new CliFailure("--on-disconnect: unknown (got " + text
                        + "), allowed are kill, hangup, detach and detach=TIME");
        };
    }

    /** {@code block}, {@code ring} or {@code spill}, each with {@code =SIZE} or without. */
    static OutputPolicy output(String text, @Nullable String history) {
        int equals = text.indexOf('=');
        var name = equals < 0 ? text : text.substring(0, equals);
        long bytes = equals < 0 ? 0 : Flags.size("--output", text.substring(equals + 1));
        var kind = switch (name) {
            case "block" -> OutputPolicy.Kind.BLOCK;
            case "ring" -> OutputPolicy.Kind.RING;
            case "spill" -> OutputPolicy.Kind.SPILL;
            default ->
                throw new CliFailure("--output: unknown (got " + text
                        + "), allowed are block, ring and spill, each with =SIZE or without");
        };
        return new OutputPolicy(kind, bytes, history == null ? null : (Long) Flags.size("--history", history));
    }

    /** {@code wait}, or how long. */
    static DrainPolicy drain(String text) {
        if (text.equals("wait")) {
            return DrainPolicy.WAIT;
        }
        try {
            return DrainPolicy.atMost(Flags.duration("--drain", text));
        } catch (CliFailure e) {
            throw new CliFailure(e.getMessage() + ", and wait");
        }
    }

    /** {@code oldest}, {@code now}, or two offsets. */
    static ReadFrom from(String text) {
        return switch (text) {
            case "oldest" -> ReadFrom.OLDEST;
            case "now" -> ReadFrom.NOW;
            default -> {
                var parts = text.split(",", -1);
                try {
                    if (parts.length <= 2) {
                        yield ReadFrom.offsets(new OutputOffsets(
                                Long.parseLong(parts[0]), parts.length == 1 ? 0 : Long.parseLong(parts[1])));
                    }
                } catch (IllegalArgumentException e) {
                    // Said below.
                }
                throw new CliFailure(
                        "--from: not understood (got " + text + "), allowed are oldest, now, and the offsets OUT,ERR");
            }
        };
    }
}
