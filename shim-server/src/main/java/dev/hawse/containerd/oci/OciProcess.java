package dev.hawse.containerd.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.LinuxCapability;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Rlimit;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A container's own process as the OCI runtime specification describes it, from which those of its commands are made. Safe
 * for use by any number of threads.
 */
public final class OciProcess {

    // Parsed once: a command is made from it every time, and nothing in it is ever changed.
    private final ObjectNode ofContainer;

    private OciProcess(ObjectNode ofContainer) {
        this.ofContainer = ofContainer;
    }

    /**
     * The process in a container's spec.
     *
     * @param containerSpec as {@link OciSpec#forContainer} made it
     * @throws IOException when it is not JSON, or has no process
     */
    public static OciProcess of(byte[] containerSpec) throws IOException {
        if (Json.parse(containerSpec).get("process") instanceof ObjectNode process) {
            return new OciProcess(process);
        }
        throw new IOException("the container's spec has no process");
    }

    /**
     * A command's process as JSON, complete: OCI runtimes give a command nothing of the container's own process.
     *
     * @param user null for the container's
     */
    public byte[] forExec(ExecSpec exec, @Nullable ResolvedUser user) {
        var process = Json.object();
        process.setAll(ofContainer);
        process.set("args", Json.strings(exec.args()));
        if (!exec.workingDir().isEmpty()) {
            process.put("cwd", exec.workingDir());
        }
        terminal(process, exec.io());
        process.set("env", Json.strings(env(process.path("env"), exec)));
        if (user != null) {
            process.set("user", user(user));
            var bounding = process.path("capabilities").path("bounding");
            process.set("capabilities", capabilities(bounding, user.uid()));
        }
        return Json.bytes(process);
    }

    static ObjectNode ofContainer(EffectiveSpec effective, ResolvedUser user, Host host) {
        var spec = effective.spec();
        var process = Json.object();
        terminal(process, spec.io());
        process.set("user", user(user));
        process.set("args", Json.strings(effective.commandLine()));
        var env = Json.strings(effective.env());
        if (spec.network() == NetworkMode.HOST && !spec.env().containsKey("HOSTNAME")) {
            env.add("HOSTNAME=" + host.hostname());
        }
        process.set("env", env);
        process.put("cwd", spec.workingDir());
        var bounding = Json.strings(CapabilitySet.of(spec, host).stream()
                .map(LinuxCapability::ociName)
                .toList());
        process.set("capabilities", capabilities(bounding, user.uid()));
        if (!spec.rlimits().isEmpty()) {
            process.set("rlimits", rlimits(spec.rlimits()));
        }
        process.put("noNewPrivileges", spec.noNewPrivileges());
        process.put("oomScoreAdj", 0);
        return process;
    }

    private static void terminal(ObjectNode process, ProcessIo io) {
        process.put("terminal", io.terminal());
        process.remove("consoleSize");
        if (io.size() != null) {
            process.putObject("consoleSize")
                    .put("height", io.size().rows())
                    .put("width", io.size().columns());
        }
    }

    private static List<String> env(JsonNode ofContainer, ExecSpec exec) {
        Map<String, String> env = new LinkedHashMap<>();
        ofContainer.forEach(line -> {
            var text = line.textValue();
            env.put(text.split("=", 2)[0], text);
        });
        new TreeMap<>(exec.env()).forEach((key, value) -> env.put(key, key + "=" + value));
        if (exec.io().terminal()) {
            env.putIfAbsent("TERM", "TERM=xterm");
        }
        return List.copyOf(env.values());
    }

    private static ObjectNode user(ResolvedUser user) {
        var json = Json.object().put("uid", user.uid()).put("gid", user.gid());
        user.additionalGids().forEach(json.withArray("additionalGids")::add);
        return json;
    }

    /** Root has them all; others have none, but can come by them through setuid programs, as execve(2) gives them. */
    private static ObjectNode capabilities(JsonNode bounding, int uid) {
        var json = Json.object();
        json.set("bounding", bounding);
        if (uid == 0) {
            json.set("effective", bounding.deepCopy());
            json.set("permitted", bounding.deepCopy());
        }
        return json;
    }

    private static ArrayNode rlimits(List<Rlimit> asked) {
        var json = Json.array();
        for (var limit : asked) {
            var item = json.addObject();
            item.put("type", "RLIMIT_" + limit.resource().toUpperCase(Locale.ROOT));
            item.set("hard", Json.unsigned(limit.hard()));
            item.set("soft", Json.unsigned(limit.soft()));
        }
        return json;
    }
}
