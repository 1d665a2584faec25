package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.LinuxCapability;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostTest {

    @Test
    void thisHostIsRead() {
        var host = Host.read();
        assertThat(host.hostname()).isNotBlank().doesNotContain("\n");
        assertThat(host.kernel().major()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void boundingSetIsReadBitByBit() {
        assertThat(Host.bounding("Name:\tjava\nCapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\nSeccomp:\t0\n"))
                .isEqualTo(EnumSet.complementOf(EnumSet.of(LinuxCapability.SYS_RESOURCE)));
        assertThat(Host.bounding("CapBnd:\t0000000000000021\n"))
                .containsExactly(LinuxCapability.CHOWN, LinuxCapability.KILL);
        assertThat(Host.bounding("CapBnd:\tffffffffffffffff\n")).isEqualTo(EnumSet.allOf(LinuxCapability.class));
    }

    @ParameterizedTest
    @CsvSource({"6.18.44-fc-v657,6,18", "4.8,4,8", "5.10.0-28-amd64,5,10"})
    void kernelVersionsAreRead(String release, int major, int minor) {
        assertThat(KernelVersion.parse(release)).isEqualTo(new KernelVersion(major, minor));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "linux", "6", "x6.1"})
    void whatIsNoKernelVersionIsRefused(String release) {
        assertThatThrownBy(() -> KernelVersion.parse(release)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void kernelVersionsCompareAsNumbers() {
        var kernel = new KernelVersion(4, 10);
        assertThat(kernel.atLeast(new KernelVersion(4, 8))).isTrue();
        assertThat(kernel.atLeast(new KernelVersion(4, 10))).isTrue();
        assertThat(kernel.atLeast(new KernelVersion(5, 0))).isFalse();
    }
}
