package dev.hawse.containerd.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.Mount;
import dev.hawse.runtime.NetworkMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A container's mounts: those that every container has, then those asked for, a parent before what lies in it. */
final class OciMounts {

    /** What a container on the host's network needs to find names as the host does. */
    private static final List<String> NAME_FILES = List.of("/etc/resolv.conf", "/etc/hosts");

    private OciMounts() {}

    static ArrayNode of(ContainerSpec spec) {
        var asked = new ArrayList<ObjectNode>();
        spec.mounts().forEach(mount -> asked.add(json(mount)));
        asked.sort(Comparator.comparingInt(mount -> target(mount).getNameCount()));
        var mounts = Json.array();
        standard(spec.network()).stream()
                .filter(mount -> asked.stream().noneMatch(own -> target(mount).startsWith(target(own))))
                .forEach(mounts::add);
        mounts.addAll(asked);
        return mounts;
    }

    private static List<ObjectNode> standard(NetworkMode network) {
        var mounts = new ArrayList<>(List.of(
                mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                mount(
                        "/dev/pts",
                        "devpts",
                        "devpts",
                        "nosuid",
                        "noexec",
                        "newinstance",
                        "ptmxmode=0666",
                        "mode=0620",
                        "gid=5"),
                mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev"),
                mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k")));
        if (network == NetworkMode.HOST) {
            NAME_FILES.stream()
                    .filter(file -> Files.isRegularFile(Path.of(file)))
                    .map(file -> mount(file, "bind", file, "rbind", "rprivate", "ro"))
                    .forEach(mounts::add);
        }
        return mounts;
    }

    private static ObjectNode json(Mount asked) {
        var target = Path.of(asked.target()).normalize().toString();
        return switch (asked) {
            case Mount.Bind bind ->
                mount(
                        target,
                        "bind",
                        bind.source(),
                        "rbind",
                        "rprivate",
                        "nosuid",
                        "nodev",
                        bind.readOnly() ? "ro" : "rw");
            case Mount.Tmpfs tmpfs -> {
                var options = new ArrayList<>(List.of("nosuid", "nodev", "noexec"));
                if (tmpfs.sizeBytes() != null) {
                    options.add("size=" + tmpfs.sizeBytes());
                }
                options.add("mode=" + (tmpfs.mode() == null ? "1777" : Integer.toOctalString(tmpfs.mode())));
                yield mount(target, "tmpfs", "tmpfs", options.toArray(String[]::new));
            }
        };
    }

    private static ObjectNode mount(String target, String type, String source, String... options) {
        var json = Json.object();
        json.put("destination", target).put("type", type).put("source", source);
        json.set("options", Json.strings(options));
        return json;
    }

    private static Path target(ObjectNode mount) {
        return Path.of(mount.get("destination").textValue());
    }
}
