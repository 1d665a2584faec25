package dev.hawse.containerd.oci;

import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.LinuxCapability;
import dev.hawse.runtime.RuntimeFailure;
import java.util.EnumSet;
import java.util.Set;

/** Which capabilities a container's processes can have: the default set, plus what is added, minus what is dropped. */
final class CapabilitySet {

    private CapabilitySet() {}

    /**
     * Never more than the host has: an OCI runtime fails when it is asked for one outside of its bounding set.
     *
     * @throws RuntimeFailure when one is added by name that the host does not have
     */
    static Set<LinuxCapability> of(ContainerSpec spec, Host host) {
        var set = EnumSet.noneOf(LinuxCapability.class);
        if (spec.capDrop().stream().noneMatch(CapabilitySet::isAll)) {
            set.addAll(LinuxCapability.DEFAULTS);
        }
        for (int i = 0; i < spec.capAdd().size(); i++) {
            var name = spec.capAdd().get(i);
            var added = LinuxCapability.parse(name);
            if (!isAll(name) && !host.capabilities().containsAll(added)) {
                throw RuntimeFailure.invalid(
                        "cap_add[" + i + "]",
                        added.getFirst() + " is not there to be given: this host's bounding set lacks it");
            }
            set.addAll(added);
        }
        spec.capDrop().stream()
                .filter(name -> !isAll(name))
                .forEach(name -> set.removeAll(LinuxCapability.parse(name)));
        set.retainAll(host.capabilities());
        return set;
    }

    private static boolean isAll(String name) {
        return LinuxCapability.parse(name).size() > 1;
    }
}
