package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.Mount;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Resources;
import dev.hawse.runtime.Rlimit;
import dev.hawse.runtime.SeccompMode;
import dev.hawse.runtime.TerminalSize;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the real runc makes of our specs; needs root, runc and a static busybox. */
@Timeout(60)
class OciSpecRuncIT {

    @TempDir
    private Path dir;

    @Test
    void defaultContainerRunsAsDockersWould() throws Exception {
        assertThat(run(spec(
                        "id; hostname; cat /proc/self/status; ls /sys/class/net; ls /dev/null /dev/ptmx /dev/shm -d")))
                .contains("uid=0(root) gid=0(root)")
                .containsPattern("(?m)^[0-9a-f]{12}$")
                .containsPattern("CapBnd:\\s+00000000a80425fb")
                .containsPattern("CapEff:\\s+00000000a80425fb")
                .containsPattern("CapInh:\\s+0000000000000000")
                .containsPattern("NoNewPrivs:\\s+0")
                .contains("lo\n", "/dev/null", "/dev/ptmx", "/dev/shm")
                .doesNotContain("eth0");
    }

    @Test
    void systemCallsAreFiltered() throws Exception {
        assertThat(
                        run(
                                spec(
                                        "grep Seccomp: /proc/self/status; unshare -U true; unshare -n true; mount -t tmpfs x /tmp; echo")))
                .containsPattern("Seccomp:\\s+2")
                .contains(
                        "unshare(0x10000000): Operation not permitted",
                        "unshare(0x40000000)",
                        "mount: permission denied");
        var unconfined = spec("grep Seccomp: /proc/self/status; unshare -U true && echo made")
                .seccomp(SeccompMode.UNCONFINED);
        assertThat(run("unconfined", unconfined))
                .containsPattern("Seccomp:\\s+0")
                .contains("made");
    }

    @Test
    void capabilityBringsItsSystemCalls() throws Exception {
        assertThat(run(spec("mount -t tmpfs x /tmp && echo mounted").capAdd(List.of("SYS_ADMIN"))))
                .contains("mounted");
    }

    @Test
    void everyCapabilityOfThisHostCanBeGivenAndTaken() throws Exception {
        var bounding =
                Files.readString(Path.of("/proc/self/status")).replaceAll("(?s).*CapBnd:\\s+([0-9a-f]+).*", "$1");
        assertThat(run(spec("grep CapBnd /proc/self/status").capAdd(List.of("ALL"))))
                .contains(bounding);
        assertThat(run("none", spec("grep Cap /proc/self/status").capDrop(List.of("ALL"))))
                .doesNotContainPattern("[1-9a-f]{3,}")
                .containsPattern("CapEff:\\s+0000000000000000");
    }

    @Test
    void userHasItsGroupsAndNoCapabilities() throws Exception {
        assertThat(run(spec("id; cat /proc/self/status; echo $HOME").user("app")))
                .contains("uid=1000(app) gid=1001(apps) groups=44(extra),1001(apps)", "/tmp")
                .containsPattern("CapEff:\\s+0000000000000000")
                .containsPattern("CapBnd:\\s+00000000a80425fb");
    }

    @Test
    void hostNetworkIsTheHostsWithItsNames() throws Exception {
        var script = "ls /sys/class/net; hostname; echo $HOSTNAME; cat /etc/hosts; touch /etc/hosts";
        var hostname = InetAddress.getLocalHost().getHostName();
        assertThat(run(spec(script).network(NetworkMode.HOST)))
                .contains(Files.readString(Path.of("/etc/hosts")), hostname + "\n" + hostname + "\n")
                .contains("touch: /etc/hosts: Read-only file system");
    }

    @Test
    void readOnlyRootIsReadOnlyAndItsMountsAreNot() throws Exception {
        assertThat(run(spec("touch /x; touch /dev/shm/y && touch /data/z && echo written")
                        .readOnlyRoot(true)
                        .mounts(List.of(new Mount.Tmpfs("/data", null, null)))))
                .contains("touch: /x: Read-only file system", "written");
    }

    @Test
    void mountsAreAsAsked() throws Exception {
        var source = Files.createDirectories(dir.resolve("source"));
        Files.writeString(source.resolve("file"), "of the host");
        // Not over a folder that is there: runc 1.1.5 gives a tmpfs the mode of what it covers
        // (opencontainers/runc#3911).
        var mounts = List.<Mount>of(
                new Mount.Bind("/new/a/ro", source.toString(), true),
                new Mount.Tmpfs("/new", 1L << 20, 0750),
                new Mount.Bind("/new/rw", source.toString(), false),
                new Mount.Tmpfs("/dev/shm", 8192L, null));
        var script =
                "cat /new/a/ro/file; touch /new/a/ro/x; touch /new/rw/made; stat -c %a /new; grep new /proc/mounts; grep shm /proc/mounts";
        assertThat(run(spec(script).mounts(mounts)))
                .contains("of the host", "touch: /new/a/ro/x: Read-only file system", "\n750\n", "size=1024k")
                .containsPattern("shm tmpfs rw,nosuid,nodev,noexec,relatime,size=8k");
        assertThat(source.resolve("made")).exists();
    }

    @Test
    void limitsReachTheKernel() throws Exception {
        var resources = new Resources(32L << 20, null, 500L, 512L, "0", 33);
        var spec =
                // Of both versions of control groups, one is there; cat complains of the other in the midst of the
                // answer.
                spec("ulimit -n; ulimit -c; cd /sys/fs/cgroup; cat */*.max *.max */*_bytes 2>/dev/null")
                        .resources(resources)
                        .rlimits(List.of(new Rlimit("nofile", 64, 128), new Rlimit("core", 0, 0)));
        assertThat(run(spec)).contains("64\n0\n", "33\n", Long.toString(32L << 20));
    }

    @Test
    void terminalIsOne() throws Exception {
        var spec = spec("echo $TERM; test -t 0 && echo tty").io(new ProcessIo(true, new TerminalSize(132, 43)));
        try (var bundle = new RuncBundle(dir, spec.build())) {
            var result = bundle.runOnTerminal();
            assertThat(result.text()).contains("xterm", "tty");
        }
    }

    @Test
    void commandsHaveWhatTheContainerHas() throws Exception {
        var spec = spec("sleep 60").workingDir("/data").env(Map.of("A", "1"));
        try (var bundle = new RuncBundle(dir, spec.build())) {
            assertThat(bundle.start().exitCode()).isZero();
            var script = "id; echo $A $B $PWD; cat /proc/self/status; unshare -U true; exit 7";
            var exec = new ExecSpec(List.of("sh", "-c", script), Map.of("B", "2"), "", "", ProcessIo.NONE);
            var asRoot = bundle.exec(exec);
            assertThat(asRoot.exitCode()).isEqualTo(7);
            assertThat(asRoot.text())
                    .contains("uid=0(root)", "1 2 /data", "unshare(0x10000000): Operation not permitted")
                    .containsPattern("CapEff:\\s+00000000a80425fb")
                    .containsPattern("Seccomp:\\s+2");
            assertThat(bundle.exec(exec.withUser("app").withWorkingDir("/tmp")).text())
                    .contains("groups=44(extra),1001(apps)", "1 2 /tmp")
                    .containsPattern("CapEff:\\s+0000000000000000")
                    .containsPattern("CapBnd:\\s+00000000a80425fb");
        }
    }

    @Test
    void rootCommandInAContainerOfAnotherUserHasItsCapabilities() throws Exception {
        try (var bundle = new RuncBundle(dir, spec("sleep 60").user("1000:1001").build())) {
            assertThat(bundle.start().exitCode()).isZero();
            var exec = ExecSpec.of("cat", "/proc/self/status").withUser("root");
            assertThat(bundle.exec(exec).text()).containsPattern("CapEff:\\s+00000000a80425fb");
        }
    }

    private static ContainerSpec.Builder spec(String script) {
        return ContainerSpec.builder("busybox").args("sh", "-c", script);
    }

    private String run(ContainerSpec.Builder spec) throws Exception {
        return run("container", spec);
    }

    private String run(String name, ContainerSpec.Builder spec) throws Exception {
        try (var bundle = new RuncBundle(dir.resolve(name), spec.build())) {
            return bundle.run().text();
        }
    }
}
