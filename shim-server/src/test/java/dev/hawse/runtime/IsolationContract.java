package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a container within its bounds. */
public abstract class IsolationContract extends ContainerRuntimeContract {

    private static final long MEMORY = 64L << 20;

    @TempDir
    Path host;

    private static Resources memory(long bytes) {
        return new Resources(bytes, null, null, null, "", Resources.DEFAULT_PIDS_LIMIT);
    }

    /** A file of the container's control group, by its names in both versions of them. */
    private static String cgroup(String v1, String v2) {
        return "cat /sys/fs/cgroup/" + v1 + " 2>/dev/null || cat /sys/fs/cgroup/" + v2;
    }

    private static String status(String key) {
        return "grep ^" + key + ": /proc/self/status | tr -s '\\t ' ' '";
    }

    @Test
    void memoryLimitIsTheKernels() {
        var script = script(cgroup("memory/memory.limit_in_bytes", "memory.max"));
        assertThat(outputOf(script.resources(memory(MEMORY)))).isEqualTo(MEMORY + "\n");
    }

    @Test
    void processBeyondItsMemoryIsKilledAndThatIsTold() {
        var id = running(busybox("tail", "/dev/zero").resources(memory(16L << 20)))
                .id();
        var exit = awaitExit(id);
        assertThat(exit.outcome()).isEqualTo(code(137));
        assertThat(exit.oomKilled()).isTrue();
        assertThat(now(id).oomKilled()).isTrue();
    }

    @Test
    void secondRunIsNotBlamedForTheFirst() {
        var id = running(script("[ -e /again ] && exit 3; touch /again; tail /dev/zero")
                        .resources(memory(16L << 20)))
                .id();
        assertThat(awaitExit(id).oomKilled()).isTrue();
        containers().start(id);
        assertThat(awaitExit(id).oomKilled()).isFalse();
        assertThat(now(id).oomKilled()).isFalse();
    }

    @Test
    void commandBeyondTheMemoryIsKilledAndThatIsTold() {
        var id = running(busybox("sleep", "1000").resources(memory(16L << 20))).id();
        var sink = new Recorder();
        exec(id, ExecSpec.of("tail", "/dev/zero"), sink);
        assertThat(sink.exit().outcome()).isEqualTo(code(137));
        assertThat(sink.exit().oomKilled()).isTrue();
        assertThat(sh(id, "kill -9 $$").exit().oomKilled()).isFalse();
    }

    @Test
    void processorLimitIsTheKernels() {
        var limits = new Resources(null, null, 500L, null, "", 100);
        var script = script(cgroup("cpu/cpu.cfs_quota_us", "cpu.max")).resources(limits);
        assertThat(outputOf(script)).startsWith("50000");
    }

    @Test
    void processLimitHolds() {
        var limits = new Resources(null, null, null, null, "", 20);
        var out = outputOf(script("for i in $(seq 1 50); do sleep 5 & done 2>&1; echo survived")
                .resources(limits));
        assertThat(out).contains("can't fork");
        assertThat(outputOf(script(cgroup("pids/pids.max", "pids.max")).resources(limits)))
                .isEqualTo("20\n");
    }

    @Test
    void boundFolderIsSharedWithTheHost() throws IOException {
        Files.writeString(host.resolve("given"), "from host");
        var mount = new Mount.Bind("/shared", host.toString(), false);
        assertThat(outputOf(script("cat /shared/given; echo from container > /shared/taken")
                        .mounts(List.of(mount))))
                .isEqualTo("from host");
        assertThat(host.resolve("taken")).hasContent("from container");
    }

    @Test
    void boundFolderCanBeReadOnly() {
        var mount = new Mount.Bind("/shared", host.toString(), true);
        assertThat(outputOf(
                        script("touch /shared/x 2>/dev/null || echo refused").mounts(List.of(mount))))
                .isEqualTo("refused\n");
    }

    @Test
    void boundFolderMustExist() {
        var mount = new Mount.Bind("/shared", host.resolve("missing").toString(), false);
        var failure = failing(Reason.INVALID_FIELD, () -> create(busybox("true").mounts(List.of(mount))));
        assertThat(failure.violations()).extracting(FieldViolation::field).containsExactly("mounts[0].bind.source");
    }

    @Test
    void memoryMountsHaveTheirSizeAndMode() {
        var mount = new Mount.Tmpfs("/scratch", 1L << 20, 0750);
        var out = outputOf(script("stat -c %a /scratch; df -k /scratch | tail -n1 | tr -s ' ' | cut -d' ' -f2")
                .mounts(List.of(mount)));
        assertThat(out).isEqualTo("750\n1024\n");
    }

    @Test
    void capabilitiesAreDockersUnlessChanged() {
        assertThat(outputOf(script(status("CapEff")))).isEqualTo("CapEff: 00000000a80425fb\n");
        assertThat(outputOf(script(status("CapEff")).capDrop(List.of("ALL")))).isEqualTo("CapEff: 0000000000000000\n");
        assertThat(outputOf(script(status("CapEff")).capDrop(List.of("ALL")).capAdd(List.of("NET_RAW"))))
                .isEqualTo("CapEff: 0000000000002000\n");
        assertThat(outputOf(script(status("CapEff")).user("app"))).isEqualTo("CapEff: 0000000000000000\n");
    }

    @Test
    void privilegesCanBeCut() {
        assertThat(outputOf(script(status("NoNewPrivs")))).isEqualTo("NoNewPrivs: 0\n");
        assertThat(outputOf(script(status("NoNewPrivs")).noNewPrivileges(true))).isEqualTo("NoNewPrivs: 1\n");
    }

    @Test
    void systemCallsAreFilteredUnlessAskedOtherwise() {
        assertThat(outputOf(script(status("Seccomp")))).isEqualTo("Seccomp: 2\n");
        assertThat(outputOf(script(status("Seccomp")).seccomp(SeccompMode.UNCONFINED)))
                .isEqualTo("Seccomp: 0\n");
        var sink = sh(idle(), status("Seccomp"));
        assertThat(sink.out()).isEqualTo("Seccomp: 2\n");
    }

    @Test
    void limitsPerProcessAreSet() {
        var limits = List.of(new Rlimit("nofile", 333, 444), new Rlimit("core", 0, 0));
        assertThat(outputOf(script("ulimit -Sn; ulimit -Hn; ulimit -c").rlimits(limits)))
                .isEqualTo("333\n444\n0\n");
    }

    @Test
    void networkIsNoneUnlessItIsTheHosts() throws IOException {
        var list = "ls /sys/class/net | sort";
        assertThat(outputOf(script(list))).isEqualTo("lo\n");
        var interfaces = Files.readString(Path.of("/proc/net/dev"))
                .lines()
                .skip(2)
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .sorted()
                .toList();
        assertThat(outputOf(script(list).network(NetworkMode.HOST)).lines()).isEqualTo(interfaces);
    }

    @Test
    void processesOfTheHostAreNotSeen() {
        assertThat(outputOf(script("echo $$; ls /proc | grep -c '^[0-9]'"))).matches("1\n[1-4]\n");
    }

    @Test
    void kernelFilesAreOutOfReach() {
        assertThat(
                        outputOf(
                                script(
                                        "cat /proc/kcore 2>/dev/null | wc -c; echo x 2>/dev/null > /proc/sysrq-trigger || echo refused")))
                .isEqualTo("0\nrefused\n");
    }
}
