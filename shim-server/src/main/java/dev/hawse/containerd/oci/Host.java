package dev.hawse.containerd.oci;

import dev.hawse.runtime.LinuxCapability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * What this machine's kernel can do, as far as it shapes a container. Immutable; what it was when it was read.
 *
 * @param capabilities the bounding set of this process, beyond which an OCI runtime cannot give
 * @param seccomp whether the kernel filters system calls
 * @param cgroup2 whether the unified hierarchy is in use
 * @param swapLimit whether swap can be limited
 * @param throttleFolders where the kernel tells of processors that got hot
 */
public record Host(
        Architecture architecture,
        KernelVersion kernel,
        Set<LinuxCapability> capabilities,
        boolean seccomp,
        boolean cgroup2,
        boolean swapLimit,
        String hostname,
        List<String> throttleFolders) {

    private static final Pattern BOUNDING = Pattern.compile("^CapBnd:\\s*([0-9a-f]{1,16})$", Pattern.MULTILINE);
    private static final Pattern SECCOMP = Pattern.compile("^Seccomp:", Pattern.MULTILINE);

    public Host {
        capabilities = Collections.unmodifiableSet(EnumSet.copyOf(capabilities));
        throttleFolders = List.copyOf(throttleFolders);
    }

    /** Reads a few small files of /proc and /sys. */
    public static Host read() {
        try {
            var status = Files.readString(Path.of("/proc/self/status"));
            var cgroup2 = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
            return new Host(
                    Architecture.of(System.getProperty("os.arch")),
                    KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease"))),
                    bounding(status),
                    SECCOMP.matcher(status).find(),
                    cgroup2,
                    cgroup2 || Files.exists(Path.of("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")),
                    Files.readString(Path.of("/proc/sys/kernel/hostname")).strip(),
                    throttleFolders(Path.of("/sys/devices/system/cpu")));
        } catch (IOException e) {
            throw new UncheckedIOException("this machine's kernel could not be asked what it can do", e);
        }
    }

    /** From the text of /proc/PID/status. */
    static Set<LinuxCapability> bounding(String status) {
        var line = BOUNDING.matcher(status);
        if (!line.find()) {
            throw new IllegalStateException("/proc/self/status: has no CapBnd");
        }
        var bits = Long.parseUnsignedLong(line.group(1), 16);
        var set = EnumSet.noneOf(LinuxCapability.class);
        var inOrderOfTheirNumbers = LinuxCapability.values();
        for (int bit = 0; bit < inOrderOfTheirNumbers.length; bit++) {
            if ((bits >>> bit & 1) == 1) {
                set.add(inOrderOfTheirNumbers[bit]);
            }
        }
        return set;
    }

    private static List<String> throttleFolders(Path processors) throws IOException {
        if (!Files.isDirectory(processors)) {
            return List.of();
        }
        try (var folders = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
            return StreamSupport.stream(folders.spliterator(), false)
                    .map(cpu -> cpu.resolve("thermal_throttle"))
                    .filter(Files::isDirectory)
                    .map(Path::toString)
                    .sorted()
                    .toList();
        }
    }
}
