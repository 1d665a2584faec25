package dev.hawse.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.DrainPolicy;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.state.ExecRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command as its record keeps it. The environment is left out: it may hold secrets, and is not needed any more once the
 * command was asked for. Pure functions.
 */
final class CommandText {

    private static final ObjectMapper JSON = new ObjectMapper();

    private CommandText() {}

    static String of(Command command) {
        var node = JSON.createObjectNode();
        command.spec().args().forEach(node.putArray("args")::add);
        node.put("dir", command.spec().workingDir()).put("user", command.spec().user());
        var io = command.spec().io();
        node.put("stdin", io.stdin());
        if (io.size() != null) {
            node.putArray("terminal").add(io.size().columns()).add(io.size().rows());
        }
        var output = command.output();
        node.put("output", output.kind().name()).put("bytes", output.bytes()).put("history", output.history());
        disconnect(command.onDisconnect(), node);
        time(node, "timeout", command.timeout());
        time(node, "killAfter", command.killAfter());
        switch (command.drain()) {
            case DrainPolicy.Wait _ -> node.put("drain", "wait");
            case DrainPolicy.AtMost(var time) -> time(node, "drain", time);
        }
        var request = command.request();
        if (request != null) {
            node.put("method", request.method()).put("request", request.id());
        }
        return node.toString();
    }

    private static void disconnect(DisconnectPolicy policy, ObjectNode node) {
        switch (policy) {
            case DisconnectPolicy.Kill _ -> node.put("left", "kill");
            case DisconnectPolicy.Hangup _ -> node.put("left", "hangup");
            case DisconnectPolicy.Detach(var ttl) -> {
                node.put("left", "detach");
                time(node, "ttl", ttl);
            }
        }
    }

    private static void time(ObjectNode node, String key, @Nullable Duration time) {
        if (time != null) {
            node.put(key, time.toString());
        }
    }

    static Command read(ExecRecord record) throws JsonProcessingException {
        var node = JSON.readTree(record.spec());
        var args = new ArrayList<String>();
        node.path("args").forEach(arg -> args.add(arg.asText()));
        var size = node.path("terminal");
        var io = new ProcessIo(
                node.path("stdin").asBoolean(),
                size.isArray()
                        ? new TerminalSize(size.path(0).asInt(), size.path(1).asInt())
                        : null);
        var hash = record.requestHash();
        return new Command(
                new ContainerId(record.container()),
                RuntimeKind.valueOf(record.runtime()),
                new ExecSpec(
                        args,
                        Map.of(),
                        node.path("dir").asText(),
                        node.path("user").asText(),
                        io),
                new OutputPolicy(
                        OutputPolicy.Kind.valueOf(node.path("output").asText()),
                        node.path("bytes").asLong(),
                        node.path("history").asLong()),
                disconnect(node),
                time(node, "timeout"),
                java.util.Objects.requireNonNullElse(time(node, "killAfter"), Command.KILL_AFTER),
                drain(node),
                hash == null
                        ? null
                        : new Command.Request(
                                node.path("method").asText(),
                                node.path("request").asText(),
                                hash));
    }

    private static DisconnectPolicy disconnect(JsonNode node) {
        return switch (node.path("left").asText()) {
            case "detach" -> new DisconnectPolicy.Detach(time(node, "ttl"));
            case "hangup" -> DisconnectPolicy.HANGUP;
            default -> DisconnectPolicy.KILL;
        };
    }

    private static DrainPolicy drain(JsonNode node) {
        return node.path("drain").asText().equals("wait")
                ? DrainPolicy.WAIT
                : new DrainPolicy.AtMost(time(node, "drain"));
    }

    private static @Nullable Duration time(JsonNode node, String key) {
        return node.has(key) ? Duration.parse(node.get(key).asText()) : null;
    }
}
