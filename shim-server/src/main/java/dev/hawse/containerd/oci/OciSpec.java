package dev.hawse.containerd.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.SeccompMode;
import java.util.ArrayList;
import java.util.List;

/** A container as the OCI runtime specification describes it: what containerd stores as its spec. */
public final class OciSpec {

    /** Low on purpose: every runtime from runc 1.0 on takes it, and nothing newer is used. */
    private static final String VERSION = "1.0.2";

    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private OciSpec() {}

    /**
     * The spec as JSON. Looks at the host's files for what is to be bind-mounted, and else at nothing.
     *
     * @param namespace containerd's; the first part of the cgroup's path
     * @throws RuntimeFailure when this host cannot give what was asked for
     */
    public static byte[] forContainer(
            EffectiveSpec effective, ContainerId id, String namespace, ResolvedUser user, Host host) {
        var spec = effective.spec();
        var json = Json.object();
        json.put("ociVersion", VERSION);
        if (!spec.hostname().isEmpty()) {
            json.put("hostname", spec.hostname());
        }
        json.putObject("root").put("path", "rootfs").put("readonly", spec.readOnlyRoot());
        json.set("process", OciProcess.ofContainer(effective, user, host));
        json.set("mounts", OciMounts.of(spec));
        json.set("linux", linux(spec, "/" + namespace + "/" + id.value(), host));
        return Json.bytes(json);
    }

    /** What this host leaves out of such a container, as sentences. */
    public static List<String> warnings(ContainerSpec spec, Host host) {
        var warnings = new ArrayList<String>();
        if (spec.seccomp() == SeccompMode.DEFAULT && !host.seccomp()) {
            warnings.add("this host's kernel cannot filter system calls; the container runs without a seccomp profile");
        }
        if (spec.resources().memoryBytes() != null && !host.swapLimit()) {
            warnings.add("this host's kernel cannot limit swap; the container's memory limit leaves swap out");
        }
        return warnings;
    }

    private static ObjectNode linux(ContainerSpec spec, String cgroup, Host host) {
        var linux = Json.object();
        linux.put("cgroupsPath", cgroup);
        linux.set("resources", OciResources.of(spec.resources(), host));
        linux.set("namespaces", namespaces(spec, host));
        var masked = new ArrayList<>(MASKED);
        masked.addAll(host.throttleFolders());
        linux.set("maskedPaths", Json.strings(masked));
        linux.set("readonlyPaths", Json.strings(READ_ONLY));
        if (spec.seccomp() == SeccompMode.DEFAULT && host.seccomp()) {
            linux.set("seccomp", SeccompProfile.resolve(CapabilitySet.of(spec, host), host));
        }
        return linux;
    }

    /** With the host's network too, a uts namespace of its own: it begins with the host's name and cannot change it. */
    private static ArrayNode namespaces(ContainerSpec spec, Host host) {
        var types = new ArrayList<>(List.of("pid", "ipc", "uts", "mount"));
        if (spec.network() == NetworkMode.NONE) {
            types.add("network");
        }
        if (host.cgroup2()) {
            types.add("cgroup");
        }
        var namespaces = Json.array();
        types.forEach(type -> namespaces.addObject().put("type", type));
        return namespaces;
    }
}
