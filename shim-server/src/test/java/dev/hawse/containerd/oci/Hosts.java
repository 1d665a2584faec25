package dev.hawse.containerd.oci;

import dev.hawse.runtime.LinuxCapability;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Machines to make containers for. */
final class Hosts {

    static final Host FULL = host(Architecture.X86_64, "6.1", EnumSet.allOf(LinuxCapability.class), true, true, true);

    private Hosts() {}

    static Host of(Architecture architecture, String kernel) {
        return host(architecture, kernel, EnumSet.allOf(LinuxCapability.class), true, true, true);
    }

    static Host without(LinuxCapability missing) {
        return host(Architecture.X86_64, "6.1", EnumSet.complementOf(EnumSet.of(missing)), true, true, true);
    }

    /** With the first hierarchy of cgroups, and neither seccomp nor swap limits. */
    static Host bare() {
        return host(Architecture.X86_64, "4.4", EnumSet.allOf(LinuxCapability.class), false, false, false);
    }

    private static Host host(
            Architecture architecture,
            String kernel,
            Set<LinuxCapability> capabilities,
            boolean seccomp,
            boolean cgroup2,
            boolean swapLimit) {
        return new Host(
                architecture,
                KernelVersion.parse(kernel),
                capabilities,
                seccomp,
                cgroup2,
                swapLimit,
                "thishost",
                List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"));
    }
}
