package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.LinuxCapability;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeccompProfileTest {

    private static final Set<LinuxCapability> DEFAULTS = EnumSet.copyOf(LinuxCapability.DEFAULTS);

    @Test
    void everythingElseIsNotPermitted() {
        var profile = SeccompProfile.resolve(DEFAULTS, Hosts.FULL);
        assertThat(profile.at("/defaultAction").textValue()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(profile.at("/defaultErrnoRet").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "openat2", "execve", "futex", "clock_gettime", "seccomp", "ptrace", "chroot"})
    void ordinaryCallsAreAllowed(String call) {
        assertThat(allowed(DEFAULTS, Hosts.FULL)).contains(call);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mount",
                "umount2",
                "unshare",
                "setns",
                "bpf",
                "keyctl",
                "add_key",
                "request_key",
                "userfaultfd",
                "io_uring_setup",
                "io_uring_enter",
                "io_uring_register",
                "kexec_load",
                "reboot",
                "init_module",
                "swapon",
                "pivot_root",
                "perf_event_open",
                "open_by_handle_at",
                "clock_settime",
                "syslog",
                "kcmp",
                "iopl",
                "clone",
                "clone3",
                "socket",
                "personality",
                "riscv_flush_icache"
            })
    void otherCallsAreNot(String call) {
        assertThat(allowed(DEFAULTS, Hosts.FULL)).doesNotContain(call);
    }

    @ParameterizedTest
    @CsvSource({
        "SYS_ADMIN,mount",
        "SYS_ADMIN,clone",
        "SYS_ADMIN,clone3",
        "SYS_ADMIN,perf_event_open",
        "PERFMON,perf_event_open",
        "BPF,bpf",
        "SYS_BOOT,reboot",
        "SYS_MODULE,init_module",
        "SYS_NICE,mbind",
        "SYS_PTRACE,kcmp",
        "SYS_RAWIO,iopl",
        "SYS_TIME,clock_settime",
        "SYSLOG,syslog",
        "SYS_TTY_CONFIG,vhangup",
        "SYS_PACCT,acct",
        "DAC_READ_SEARCH,open_by_handle_at",
    })
    void capabilityBringsItsCalls(LinuxCapability capability, String call) {
        var more = EnumSet.copyOf(DEFAULTS);
        more.add(capability);
        assertThat(allowed(DEFAULTS, Hosts.FULL)).doesNotContain(call);
        assertThat(allowed(more, Hosts.FULL)).contains(call);
    }

    @Test
    void changingTheRootNeedsItsCapability() {
        assertThat(allowed(EnumSet.noneOf(LinuxCapability.class), Hosts.FULL)).doesNotContain("chroot");
    }

    @Test
    void cloneMakesNoNamespacesAndClone3IsSaidToBeMissing() {
        var profile = SeccompProfile.resolve(DEFAULTS, Hosts.FULL);
        assertThat(rule(profile, "clone").get(0).toString())
                .isEqualTo("{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
                        + "\"value\":2114060288,\"op\":\"SCMP_CMP_MASKED_EQ\",\"valueTwo\":0}]}");
        assertThat(rule(profile, "clone3").get(0).toString())
                .isEqualTo("{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}");
        var admin = SeccompProfile.resolve(EnumSet.of(LinuxCapability.SYS_ADMIN), Hosts.FULL);
        assertThat(rule(admin, "clone")).isEmpty();
        assertThat(rule(admin, "clone3")).isEmpty();
    }

    @Test
    void fiveKnownPersonalitiesAreAllowed() {
        assertThat(rule(SeccompProfile.resolve(DEFAULTS, Hosts.FULL), "personality"))
                .allMatch(rule -> rule.at("/args/0/op").textValue().equals("SCMP_CMP_EQ"))
                .extracting(rule -> rule.at("/args/0/value").longValue())
                .containsExactly(0L, 8L, 0x20000L, 0x20008L, 0xffffffffL);
    }

    @Test
    void socketsOfVirtualMachinesAndTheKernelsCryptographyAreNot() {
        var allowed = new TreeSet<Long>();
        for (var rule : rule(SeccompProfile.resolve(DEFAULTS, Hosts.FULL), "socket")) {
            var value = rule.at("/args/0/value").longValue();
            switch (rule.at("/args/0/op").textValue()) {
                case "SCMP_CMP_EQ" -> allowed.add(value);
                case "SCMP_CMP_LT" -> {
                    for (long family = 0; family < value; family++) {
                        allowed.add(family);
                    }
                }
                default -> throw new AssertionError(rule);
            }
        }
        assertThat(allowed).hasSize(44).contains(0L, 37L, 39L, 41L, 45L).doesNotContain(38L, 40L, 46L);
    }

    @Test
    void architecturesBringTheirCalls() {
        var intel = SeccompProfile.resolve(DEFAULTS, Hosts.of(Architecture.X86_64, "6.1"));
        assertThat(intel.at("/architectures").toString())
                .isEqualTo("[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]");
        assertThat(plain(intel)).contains("arch_prctl", "modify_ldt").doesNotContain("set_tls");
        var arm = SeccompProfile.resolve(DEFAULTS, Hosts.of(Architecture.AARCH64, "6.1"));
        assertThat(arm.at("/architectures").toString()).isEqualTo("[\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\"]");
        assertThat(plain(arm)).contains("set_tls", "cacheflush").doesNotContain("arch_prctl");
    }

    @Test
    void tracingWaitsForAKernelThatFiltersItsCalls() {
        assertThat(allowed(DEFAULTS, Hosts.of(Architecture.X86_64, "4.7"))).doesNotContain("ptrace");
        assertThat(allowed(DEFAULTS, Hosts.of(Architecture.X86_64, "4.8"))).contains("ptrace");
    }

    private static Set<String> allowed(Set<LinuxCapability> bounding, Host host) {
        return plain(SeccompProfile.resolve(bounding, host));
    }

    /** The calls that are allowed whatever their arguments. */
    private static Set<String> plain(ObjectNode profile) {
        var names = new TreeSet<String>();
        for (var rule : profile.get("syscalls")) {
            if (rule.get("action").textValue().equals("SCMP_ACT_ALLOW") && !rule.has("args")) {
                rule.get("names").forEach(name -> names.add(name.textValue()));
            }
        }
        return names;
    }

    /** The rules of one call that have a condition, or another answer. */
    private static List<JsonNode> rule(ObjectNode profile, String call) {
        var rules = new ArrayList<JsonNode>();
        for (var rule : profile.get("syscalls")) {
            var plain = rule.get("action").textValue().equals("SCMP_ACT_ALLOW") && !rule.has("args");
            if (!plain && rule.get("names").get(0).textValue().equals(call)) {
                rules.add(rule);
            }
        }
        return rules;
    }
}
