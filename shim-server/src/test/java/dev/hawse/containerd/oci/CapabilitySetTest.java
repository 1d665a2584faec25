package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.LinuxCapability;
import dev.hawse.runtime.RuntimeFailure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CapabilitySetTest {

    static Stream<Arguments> sets() {
        var defaults = LinuxCapability.DEFAULTS;
        var all = Arrays.asList(LinuxCapability.values());
        return Stream.of(
                // add, drop, result
                arguments(List.of(), List.of(), defaults),
                arguments(List.of("sys_ptrace"), List.of(), plus(defaults, LinuxCapability.SYS_PTRACE)),
                arguments(List.of("CAP_CHOWN"), List.of(), defaults),
                arguments(List.of(), List.of("cap_kill"), minus(defaults, LinuxCapability.KILL)),
                arguments(List.of("BPF"), List.of("BPF"), defaults),
                arguments(List.of(), List.of("ALL"), List.of()),
                arguments(List.of("CHOWN"), List.of("all"), List.of(LinuxCapability.CHOWN)),
                arguments(List.of("ALL"), List.of(), all),
                arguments(List.of("ALL"), List.of("ALL"), all),
                arguments(List.of("ALL"), List.of("SYS_ADMIN"), minus(all, LinuxCapability.SYS_ADMIN)));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void droppingComesAfterAdding(List<String> add, List<String> drop, List<LinuxCapability> expected) {
        assertThat(CapabilitySet.of(spec(add, drop), Hosts.FULL)).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void allMeansWhatTheHostHas() {
        var host = Hosts.without(LinuxCapability.SYS_RESOURCE);
        assertThat(CapabilitySet.of(spec(List.of("ALL"), List.of()), host))
                .isEqualTo(EnumSet.complementOf(EnumSet.of(LinuxCapability.SYS_RESOURCE)));
    }

    @Test
    void defaultThatTheHostLacksIsLeftOut() {
        var host = Hosts.without(LinuxCapability.MKNOD);
        assertThat(CapabilitySet.of(spec(List.of(), List.of()), host))
                .containsExactlyInAnyOrderElementsOf(minus(LinuxCapability.DEFAULTS, LinuxCapability.MKNOD));
    }

    @Test
    void namedOneThatTheHostLacksIsRefused() {
        var host = Hosts.without(LinuxCapability.SYS_RESOURCE);
        assertThatThrownBy(() -> CapabilitySet.of(spec(List.of("KILL", "cap_sys_resource"), List.of()), host))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessage("cap_add[1]: SYS_RESOURCE is not there to be given: this host's bounding set lacks it");
    }

    private static ContainerSpec spec(List<String> add, List<String> drop) {
        return ContainerSpec.builder("i").capAdd(add).capDrop(drop).build();
    }

    private static List<LinuxCapability> plus(List<LinuxCapability> set, LinuxCapability one) {
        var result = new ArrayList<>(set);
        result.add(one);
        return result;
    }

    private static List<LinuxCapability> minus(List<LinuxCapability> set, LinuxCapability one) {
        var result = new ArrayList<>(set);
        result.remove(one);
        return result;
    }
}
