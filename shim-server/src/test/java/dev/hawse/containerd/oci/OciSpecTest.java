package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.LinuxCapability;
import dev.hawse.runtime.Mount;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Resources;
import dev.hawse.runtime.Rlimit;
import dev.hawse.runtime.SeccompMode;
import dev.hawse.runtime.TerminalSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciSpecTest {

    private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));
    private static final ResolvedUser ROOT = new ResolvedUser(0, 0, List.of(0, 10));

    @TempDir
    private Path dir;

    @Test
    void defaultContainerHasEverythingOfItsOwn() {
        var json = json(spec());
        assertThat(json.at("/ociVersion").textValue()).isEqualTo("1.0.2");
        assertThat(json.at("/hostname").textValue()).isEqualTo("0123456789ab");
        assertThat(json.at("/root").toString()).isEqualTo("{\"path\":\"rootfs\",\"readonly\":false}");
        assertThat(json.at("/linux/cgroupsPath").textValue()).isEqualTo("/hawse/" + ID);
        assertThat(texts(json.at("/linux/namespaces"), "type"))
                .containsExactly("pid", "ipc", "uts", "mount", "network", "cgroup");
        assertThat(texts(json.at("/mounts"), "destination"))
                .containsExactly("/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm");
        assertThat(texts(json.at("/linux/maskedPaths")))
                .contains("/proc/kcore", "/sys/firmware", "/sys/devices/system/cpu/cpu0/thermal_throttle");
        assertThat(texts(json.at("/linux/readonlyPaths"))).contains("/proc/sys");
        assertThat(json.at("/linux/seccomp/defaultAction").textValue()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(json.has("annotations")).isFalse();
    }

    @Test
    void processHasWhatWasAsked() {
        var json = json(spec().args("sleep", "1")
                .workingDir("/w")
                .noNewPrivileges(true)
                .io(new ProcessIo(true, new TerminalSize(132, 43))));
        var process = json.at("/process");
        assertThat(texts(process.at("/args"))).containsExactly("sleep", "1");
        assertThat(process.at("/cwd").textValue()).isEqualTo("/w");
        assertThat(process.at("/user").toString()).isEqualTo("{\"uid\":0,\"gid\":0,\"additionalGids\":[0,10]}");
        assertThat(process.at("/terminal").booleanValue()).isTrue();
        assertThat(process.at("/consoleSize").toString()).isEqualTo("{\"height\":43,\"width\":132}");
        assertThat(process.at("/noNewPrivileges").booleanValue()).isTrue();
        assertThat(process.at("/oomScoreAdj").intValue()).isZero();
        assertThat(process.has("rlimits")).isFalse();
        assertThat(texts(process.at("/env"))).contains("TERM=xterm", "HOSTNAME=0123456789ab");
    }

    @Test
    void rootHasItsCapabilitiesAndOthersMayComeByThem() {
        var names =
                LinuxCapability.DEFAULTS.stream().map(LinuxCapability::ociName).toList();
        var root = json(spec()).at("/process/capabilities");
        for (var set : List.of("bounding", "effective", "permitted")) {
            assertThat(texts(root.get(set))).containsExactlyInAnyOrderElementsOf(names);
        }
        assertThat(root).hasSize(3);
        var other = json(spec(), new ResolvedUser(1000, 1000, List.of(1000)), Hosts.FULL)
                .at("/process/capabilities");
        assertThat(texts(other.get("bounding"))).containsExactlyInAnyOrderElementsOf(names);
        assertThat(other).hasSize(1);
    }

    @Test
    void rlimitsKeepTheirSignAndAreIntegers() {
        var json = json(spec().rlimits(List.of(new Rlimit("nofile", 1024, 4096), new Rlimit("CORE", 0, -1))));
        assertThat(json.at("/process/rlimits").toString())
                .isEqualTo("[{\"type\":\"RLIMIT_NOFILE\",\"hard\":4096,\"soft\":1024},"
                        + "{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551615,\"soft\":0}]");
    }

    @Test
    void withoutLimitsThereIsOnlyOneForProcesses() {
        assertThat(json(spec()).at("/linux/resources").toString())
                .isEqualTo("{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],\"pids\":{\"limit\":4096}}");
    }

    @Test
    void limitsAreInTheKernelsUnits() {
        var cpus = Math.min(2, Runtime.getRuntime().availableProcessors()) * 1000L - 500;
        var resources = new Resources(64L << 20, null, cpus, 512L, "0", 7);
        var json = json(spec().resources(resources)).at("/linux/resources");
        assertThat(json.at("/memory").toString()).isEqualTo("{\"limit\":67108864,\"swap\":67108864}");
        assertThat(json.at("/cpu").toString())
                .isEqualTo("{\"shares\":512,\"quota\":" + cpus * 100 + ",\"period\":100000,\"cpus\":\"0\"}");
        assertThat(json.at("/pids/limit").intValue()).isEqualTo(7);
    }

    @Test
    void swapIsMemoryAndSwapTogether() {
        var resources = new Resources(64L << 20, 100L << 20, null, null, "", 7);
        assertThat(json(spec().resources(resources))
                        .at("/linux/resources/memory/swap")
                        .longValue())
                .isEqualTo(100L << 20);
    }

    @Test
    void bareHostLeavesOutWhatItCannotDo() {
        var spec = spec().resources(new Resources(64L << 20, null, null, null, "", 7));
        var json = json(spec, ROOT, Hosts.bare());
        assertThat(json.at("/linux/resources/memory").toString()).isEqualTo("{\"limit\":67108864}");
        assertThat(json.at("/linux").has("seccomp")).isFalse();
        assertThat(texts(json.at("/linux/namespaces"), "type")).doesNotContain("cgroup");
        assertThat(OciSpec.warnings(spec.build(), Hosts.bare())).hasSize(2);
        assertThat(OciSpec.warnings(spec.build(), Hosts.FULL)).isEmpty();
    }

    @Test
    void unconfinedHasNoFilter() {
        var spec = spec().seccomp(SeccompMode.UNCONFINED);
        assertThat(json(spec).at("/linux").has("seccomp")).isFalse();
        assertThat(OciSpec.warnings(spec.build(), Hosts.bare())).isEmpty();
    }

    @Test
    void hostNetworkHasTheHostsNameAndNames() {
        var json = json(spec().network(NetworkMode.HOST));
        assertThat(json.has("hostname")).isFalse();
        assertThat(texts(json.at("/linux/namespaces"), "type")).containsExactly("pid", "ipc", "uts", "mount", "cgroup");
        assertThat(texts(json.at("/process/env"))).contains("HOSTNAME=thishost");
        if (Files.isRegularFile(Path.of("/etc/hosts"))) {
            assertThat(mount(json, "/etc/hosts").toString())
                    .isEqualTo("{\"destination\":\"/etc/hosts\",\"type\":\"bind\",\"source\":\"/etc/hosts\","
                            + "\"options\":[\"rbind\",\"rprivate\",\"ro\"]}");
        }
    }

    @Test
    void readOnlyRootIsSaid() {
        assertThat(json(spec().readOnlyRoot(true)).at("/root/readonly").booleanValue())
                .isTrue();
    }

    @Test
    void mountsAreSortedByDepthAndReplaceTheStandardOnes() {
        var json = json(spec().mounts(List.of(
                new Mount.Bind("/data/deep/er", dir.toString(), true),
                new Mount.Tmpfs("/dev/shm/", 1L << 20, 0700),
                new Mount.Bind("//data", dir.toString(), false),
                new Mount.Tmpfs("/data/deep", null, null))));
        assertThat(texts(json.at("/mounts"), "destination"))
                .containsExactly(
                        "/proc",
                        "/dev",
                        "/dev/pts",
                        "/sys",
                        "/sys/fs/cgroup",
                        "/dev/mqueue",
                        "/data",
                        "/dev/shm",
                        "/data/deep",
                        "/data/deep/er");
        assertThat(texts(mount(json, "/data").get("options")))
                .containsExactly("rbind", "rprivate", "nosuid", "nodev", "rw");
        assertThat(texts(mount(json, "/data/deep/er").get("options")))
                .containsExactly("rbind", "rprivate", "nosuid", "nodev", "ro");
        assertThat(texts(mount(json, "/dev/shm").get("options")))
                .containsExactly("nosuid", "nodev", "noexec", "size=1048576", "mode=700");
        assertThat(texts(mount(json, "/data/deep").get("options")))
                .containsExactly("nosuid", "nodev", "noexec", "mode=1777");
    }

    @Test
    void mountOverAFolderReplacesWhatIsStandardInIt() {
        var json = json(spec().network(NetworkMode.HOST)
                .mounts(List.of(
                        new Mount.Bind("/etc", dir.toString(), true),
                        new Mount.Bind("/dev/shm", dir.toString(), true))));
        assertThat(texts(json.at("/mounts"), "destination"))
                .containsExactly(
                        "/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/etc", "/dev/shm");
    }

    private static ContainerSpec.Builder spec() {
        return ContainerSpec.builder("i").args("true");
    }

    private static ObjectNode json(ContainerSpec.Builder spec) {
        return json(spec, ROOT, Hosts.FULL);
    }

    private static ObjectNode json(ContainerSpec.Builder spec, ResolvedUser user, Host host) {
        var effective = EffectiveSpec.merge(spec.build(), ImageConfig.EMPTY, ID);
        try {
            return (ObjectNode) new ObjectMapper().readTree(OciSpec.forContainer(effective, ID, "hawse", user, host));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode mount(JsonNode json, String target) {
        for (var mount : json.at("/mounts")) {
            if (mount.get("destination").textValue().equals(target)) {
                return mount;
            }
        }
        throw new AssertionError("no mount at " + target + " in " + json.at("/mounts"));
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.textValue()));
        return texts;
    }

    private static List<String> texts(JsonNode array, String field) {
        return array.findValuesAsText(field);
    }
}
