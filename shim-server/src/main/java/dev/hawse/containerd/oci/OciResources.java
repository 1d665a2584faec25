package dev.hawse.containerd.oci;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.Resources;

/** A container's limits, as the OCI runtime specification writes them. */
final class OciResources {

    /** In microseconds; the kernel's own default. */
    private static final long CPU_PERIOD = 100_000;

    private OciResources() {}

    static ObjectNode of(Resources asked, Host host) {
        var json = Json.object();
        // Everything is forbidden first; OCI runtimes then allow null, zero, full, random, urandom, tty, ptmx and pts.
        json.putArray("devices").addObject().put("allow", false).put("access", "rwm");
        if (asked.memoryBytes() != null) {
            var memory = json.putObject("memory").put("limit", asked.memoryBytes());
            if (host.swapLimit()) {
                memory.put("swap", asked.memorySwapBytes() == null ? asked.memoryBytes() : asked.memorySwapBytes());
            }
        }
        var cpu = Json.object();
        if (asked.cpuShares() != null) {
            cpu.put("shares", asked.cpuShares());
        }
        if (asked.cpuMillis() != null) {
            cpu.put("quota", asked.cpuMillis() * CPU_PERIOD / 1000).put("period", CPU_PERIOD);
        }
        if (!asked.cpusetCpus().isEmpty()) {
            cpu.put("cpus", asked.cpusetCpus());
        }
        if (!cpu.isEmpty()) {
            json.set("cpu", cpu);
        }
        json.putObject("pids").put("limit", asked.pidsLimit());
        return json;
    }
}
