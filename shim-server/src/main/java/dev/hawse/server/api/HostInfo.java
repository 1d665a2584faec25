package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.GetInfoResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What the kernel says of this host. What it does not say is left empty. */
final class HostInfo {

    private static final Pattern MEMORY = Pattern.compile("MemTotal:\\s+(\\d+) kB");
    private static final Pattern PRETTY_NAME = Pattern.compile("PRETTY_NAME=\"?([^\"]*)\"?");

    private HostInfo() {}

    /** As images name it. */
    static String architecture() {
        var arch = System.getProperty("os.arch");
        return arch.equals("aarch64") ? "arm64" : arch;
    }

    /** Writes what is known of the host into an answer. */
    static void describe(GetInfoResponse.Builder out) {
        out.setHostname(first("/proc/sys/kernel/hostname"))
                .setOperatingSystem(match(PRETTY_NAME, "/etc/os-release"))
                .setKernelVersion(first("/proc/sys/kernel/osrelease"))
                .setArchitecture(architecture())
                .setProcessors(java.lang.Runtime.getRuntime().availableProcessors())
                .setCgroupVersion(Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? 2 : 1)
                .setSeccomp(Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail")));
        var memory = match(MEMORY, "/proc/meminfo");
        if (!memory.isEmpty()) {
            out.setMemoryBytes(Long.parseLong(memory) * 1024);
        }
    }

    private static String match(Pattern pattern, String file) {
        return lines(file).stream()
                .map(pattern::matcher)
                .filter(m -> m.matches())
                .map(m -> m.group(1))
                .findFirst()
                .orElse("");
    }

    private static String first(String file) {
        return lines(file).stream().findFirst().orElse("");
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            return List.of();
        }
    }
}
