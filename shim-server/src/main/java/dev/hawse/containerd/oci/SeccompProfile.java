package dev.hawse.containerd.oci;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.LinuxCapability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Hawse's default profile: which system calls a container may make, from the same facts as Docker's. Everything else, so
 * io_uring, answers EPERM. The calls are listed in {@code seccomp.json} beside this class; what depends on the
 * container's capabilities and on the host is resolved here.
 *
 * @param always groups of calls that any container may make; the groups' names are for readers alone
 */
record SeccompProfile(Map<String, List<String>> always, List<Rule> sometimes) {

    private static final int EPERM = 1;

    /** Read when the first container is made. */
    private static final class Loaded {
        private static final SeccompProfile PROFILE = load();
    }

    /**
     * Calls that are allowed, or answered with another error, under conditions that must all be met.
     *
     * @param calls names with spaces between
     * @param having a capability of the container's bounding set
     * @param lacking a capability that the bounding set must not hold
     * @param architecture of the host; null for any
     * @param kernel the oldest version; null for any
     * @param errno what the calls answer; null when they are allowed
     * @param argument the number of the argument that the last three look at; null for none of them
     * @param values those that are allowed; never by what is forbidden, since the filter sees 64 bits of an argument of
     *     which the call may read 32, so that 2^32 + 40 would pass for a socket of another family than 40
     * @param below smaller values are allowed too
     * @param noBitOf bits of which none may be set
     */
    record Rule(
            String calls,
            @JsonProperty("with") @Nullable LinuxCapability having,
            @JsonProperty("without") @Nullable LinuxCapability lacking,
            @Nullable Architecture architecture,
            @Nullable String kernel,
            @Nullable Integer errno,
            @Nullable Integer argument,
            @Nullable List<Long> values,
            @Nullable Long below,
            @Nullable Long noBitOf) {

        boolean applies(Set<LinuxCapability> bounding, Host host) {
            return (having == null || bounding.contains(having))
                    && (lacking == null || !bounding.contains(lacking))
                    && (architecture == null || architecture == host.architecture())
                    && (kernel == null || host.kernel().atLeast(KernelVersion.parse(kernel)));
        }

        List<String> names() {
            return List.of(calls.split(" "));
        }
    }

    /** The profile for one container, as the OCI runtime specification writes it. */
    static ObjectNode resolve(Set<LinuxCapability> bounding, Host host) {
        var rules = Loaded.PROFILE.sometimes.stream()
                .filter(rule -> rule.applies(bounding, host))
                .toList();
        var allowed = new TreeSet<String>();
        Loaded.PROFILE
                .always
                .values()
                .forEach(lines -> lines.forEach(line -> allowed.addAll(List.of(line.split(" ")))));
        var conditional = Json.array();
        for (var rule : rules) {
            if (rule.argument() != null) {
                for (var condition : conditions(rule, rule.argument())) {
                    conditional.add(allow(rule.names()).set("args", Json.array().add(condition)));
                }
            } else if (rule.errno() != null) {
                conditional.add(refuse(rule.names(), rule.errno()));
            } else {
                allowed.addAll(rule.names());
            }
        }
        var json = Json.object();
        json.put("defaultAction", "SCMP_ACT_ERRNO").put("defaultErrnoRet", EPERM);
        json.set("architectures", Json.strings(host.architecture().seccompNames()));
        ArrayNode calls = json.putArray("syscalls");
        calls.add(allow(List.copyOf(allowed))).addAll(conditional);
        return json;
    }

    /** One rule per condition: the kernel takes the call when one of them holds, as all of one rule would have to. */
    private static List<ObjectNode> conditions(Rule rule, int argument) {
        var conditions = new ArrayList<ObjectNode>();
        for (long value : Objects.requireNonNullElse(rule.values(), List.<Long>of())) {
            conditions.add(condition(argument, "SCMP_CMP_EQ", value));
        }
        if (rule.below() != null) {
            conditions.add(condition(argument, "SCMP_CMP_LT", rule.below()));
        }
        if (rule.noBitOf() != null) {
            conditions.add(
                    condition(argument, "SCMP_CMP_MASKED_EQ", rule.noBitOf()).put("valueTwo", 0));
        }
        return conditions;
    }

    private static ObjectNode condition(int argument, String operator, long value) {
        return Json.object().put("index", argument).put("value", value).put("op", operator);
    }

    private static ObjectNode allow(List<String> names) {
        var json = Json.object();
        json.set("names", Json.strings(names));
        return json.put("action", "SCMP_ACT_ALLOW");
    }

    private static ObjectNode refuse(List<String> names, int errno) {
        var json = Json.object();
        json.set("names", Json.strings(names));
        return json.put("action", "SCMP_ACT_ERRNO").put("errnoRet", errno);
    }

    private static SeccompProfile load() {
        try (var in = SeccompProfile.class.getResourceAsStream("seccomp.json")) {
            return new ObjectMapper().readValue(Objects.requireNonNull(in, "seccomp.json"), SeccompProfile.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the seccomp profile in this program is broken", e);
        }
    }
}
