package dev.hawse.server;

import static dev.hawse.server.BadInput.invalid;
import static dev.hawse.server.BadInput.refused;

import com.google.protobuf.Duration;
import dev.hawse.api.runtime.v1.ContainerSpec;
import dev.hawse.api.runtime.v1.KillContainerRequest;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.StringList;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** Containers and commands that cannot be, or may not. */
final class BadSpecs {

    private BadSpecs() {}

    static List<BadInput> rows() {
        var rows = new ArrayList<BadInput>();
        commandLines(rows);
        users(rows);
        resources(rows);
        privileges(rows);
        labels(rows);
        return rows;
    }

    /** Those whose answer depends on an image or an engine. */
    static List<BadInput> rowsOfContainerd() {
        var rows = new ArrayList<BadInput>();
        rows.add(refused(
                "19",
                "a container's user that its image does not know",
                Reason.USER_NOT_FOUND,
                "",
                "has no user \"nobody-here\"",
                s -> s.create(spec -> spec.setUser("nobody-here"))));
        rows.add(refused(
                "19",
                "a group that the image does not know",
                Reason.USER_NOT_FOUND,
                "",
                "has no group \"nothing\"",
                s -> s.create(spec -> spec.setUser("app:nothing"))));
        rows.add(refused(
                "19",
                "a command's user that its container does not know",
                Reason.USER_NOT_FOUND,
                "",
                "has no user \"nobody-here\"",
                s -> s.exec(start -> start.setUser("nobody-here"))));
        for (var runtime : List.of("/bin/sh", "../../x", "io.containerd.runc.v2", "runc\u001b[2J")) {
            rows.add(create(
                    "32",
                    "an OCI runtime called " + Text.printable(runtime),
                    "oci_runtime",
                    "must be one of [runc] (got \"" + Text.printable(runtime) + "\")",
                    spec -> spec.setOciRuntime(runtime)));
        }
        return rows;
    }

    private static BadInput create(
            String cases, String what, String field, String message, Consumer<ContainerSpec.Builder> spec) {
        return invalid(cases, what, field, message, s -> s.create(spec));
    }

    private static void commandLines(List<BadInput> rows) {
        rows.add(invalid(
                "13", "a command of nothing", "args", "must name a program", s -> s.exec(start -> start.clearArgs())));
        rows.add(invalid(
                "13",
                "a command whose program has no name",
                "args",
                "must name a program",
                s -> s.exec(start -> start.clearArgs().addArgs(""))));
        rows.add(invalid(
                "14",
                "an argument longer than the kernel takes",
                "args[1]",
                "at most 131072 are allowed",
                s -> s.exec(start -> start.addArgs("x".repeat(131072)).setArgs(1, "y".repeat(131072)))));
        rows.add(create("14", "arguments of 2 MiB", "args", "at most 2097152 are allowed", spec -> many(spec, 20, 0)));
        rows.add(create(
                "14",
                "arguments and environment that fit only by themselves",
                "args",
                "args and env are too long together",
                spec -> many(spec, 11, 10)));
        rows.add(create(
                "14",
                "a million empty arguments, of which the kernel counts the pointers",
                "args",
                "at most 2097152 are allowed",
                spec -> spec.addAllArgs(Collections.nCopies(300_000, ""))));
        rows.add(create(
                "14",
                "an entrypoint with a word that is too long",
                "entrypoint[0]",
                "at most 131072 are allowed",
                spec -> spec.setEntrypoint(StringList.newBuilder().addValues("x".repeat(131072)))));
        rows.add(create(
                "15", "a NUL in an argument", "args[0]", "must not hold a NUL", spec -> spec.setArgs(0, "a\0b")));
        rows.add(
                create("15", "a variable without a name", "env[]", "is no name of a variable", s -> s.putEnv("", "x")));
        rows.add(create(
                "15", "a variable with = in its name", "env[a=b]", "holds no \"=\"", spec -> spec.putEnv("a=b", "x")));
        rows.add(create(
                "15",
                "a NUL in a variable",
                "env[a]",
                "must not hold a NUL",
                spec -> spec.putEnv("a", "x\0LD_PRELOAD=/evil")));
        for (var dir :
                List.of("/proc/self/fd/7", "/proc/1/root", "/proc", "/tmp/../proc/self", "/dev/fd/7", "//proc/1")) {
            rows.add(invalid(
                    "17",
                    "a command that starts in " + dir,
                    "working_dir",
                    "must not be in /proc or /dev/fd (got \"" + dir,
                    s -> s.exec(start -> start.setWorkingDir(dir))));
            rows.add(create(
                    "17",
                    "a container that starts in " + dir,
                    "working_dir",
                    "must not be in /proc or /dev/fd",
                    spec -> spec.setWorkingDir(dir)));
        }
        rows.add(create(
                "17", "a relative working directory", "working_dir", "must be absolute", s -> s.setWorkingDir("tmp")));
        rows.add(create(
                "17",
                "a working directory with a NUL",
                "working_dir",
                "must not hold a NUL",
                spec -> spec.setWorkingDir("/tmp\0/x")));
    }

    /** Each argument and each variable has 100 KiB. */
    private static void many(ContainerSpec.Builder spec, int args, int variables) {
        for (int i = 0; i < args + 1; i++) {
            spec.addArgs("x".repeat(100 << 10));
        }
        for (int i = 0; i < variables; i++) {
            spec.putEnv("V" + i, "x".repeat(100 << 10));
        }
    }

    private static void users(List<BadInput> rows) {
        for (var user :
                List.of("4294967295", "4294967296", "2147483648", "-1", "0:4294967295", "99999999999999999999")) {
            rows.add(create(
                    "18",
                    "user " + user + ", which some have taken for root,",
                    "user",
                    "a number must be 0 to 2147483647 (got ",
                    spec -> spec.setUser(user)));
        }
        for (var user : List.of("1000:x:y", ":", ":0", "0:")) {
            rows.add(create(
                    "18",
                    "user " + user,
                    "user",
                    "must be user, uid, user:group or uid:gid (got \"" + user + "\")",
                    spec -> spec.setUser(user)));
        }
        rows.add(invalid(
                "18",
                "a command's user with a line end",
                "user",
                "none of them a control character",
                s -> s.exec(start -> start.setUser("a\nb"))));
    }

    private static void resources(List<BadInput> rows) {
        for (var memory : new long[] {-1, 0, 1, (6 << 20) - 1, Long.MIN_VALUE}) {
            rows.add(create(
                    "20",
                    "memory of " + Long.toUnsignedString(memory) + " bytes",
                    "resources.memory_bytes",
                    "must be at least 6291456 (got " + Long.toUnsignedString(memory) + ")",
                    spec -> spec.getResourcesBuilder().setMemoryBytes(memory)));
        }
        rows.add(create(
                "20",
                "swap without memory",
                "resources.memory_swap_bytes",
                "needs memory_bytes",
                spec -> spec.getResourcesBuilder().setMemorySwapBytes(1 << 30)));
        for (var cpu : new long[] {0, -1, 9, 1_000_000}) {
            rows.add(create(
                            "21",
                            Long.toUnsignedString(cpu) + " thousandths of a processor",
                            "resources.cpu_millis",
                            "must be 10 to ",
                            spec -> spec.getResourcesBuilder().setCpuMillis(cpu))
                    .because("a whole number: NaN and infinity cannot be sent"));
        }
        rows.add(create(
                "21",
                "processors that are no list",
                "resources.cpuset_cpus",
                "must be as \"0-2,4\"",
                spec -> spec.getResourcesBuilder().setCpusetCpus("0;rm -rf /")));
        rows.add(create(
                        "22",
                        "a limit of no process",
                        "resources.pids_limit",
                        "must be 1 to 4194304 (got 0)",
                        spec -> spec.getResourcesBuilder().setPidsLimit(0))
                .because("absent is the default of 4096, and nothing means without limit"));
        for (var signal : List.of("99", "0", "-9", "SIGFOO", "9;x", "RTMIN+99", "\u001b[2J")) {
            var shown = Text.printable(signal);
            rows.add(invalid(
                    "23",
                    "signal " + shown + " to a container",
                    "signal",
                    " is no signal; allowed are names as TERM",
                    s -> s.containers()
                            .killContainer(KillContainerRequest.newBuilder()
                                    .setContainer(s.running())
                                    .setSignal(signal)
                                    .build())));
        }
        rows.add(create("23", "a stop signal that is none", "stop_signal", "is no signal", s -> s.setStopSignal("99")));
        rows.add(invalid(
                "23",
                "a grace before the beginning of time",
                "grace",
                "must be ",
                s -> s.containers()
                        .stopContainer(StopContainerRequest.newBuilder()
                                .setContainer(s.running())
                                .setGrace(Duration.newBuilder().setSeconds(Long.MIN_VALUE))
                                .build())));
    }

    private static void privileges(List<BadInput> rows) {
        rows.add(create(
                "24",
                "a capability that Linux has not",
                "cap_add[0]",
                "is no capability of Linux",
                spec -> spec.addCapAdd("CAP_EVERYTHING")));
        rows.add(create(
                "24",
                "a dropped capability with an escape",
                "cap_drop[0]",
                "\\u001b",
                spec -> spec.addCapDrop("\u001b[2J")));
        rows.add(create(
                "25",
                "a network mode that there is none of",
                "network",
                "NONE, HOST",
                spec -> spec.setNetworkValue(77)));
        rows.add(create(
                "25",
                "a hostname on the host's network",
                "hostname",
                "is not allowed with network mode HOST",
                spec -> spec.setNetworkValue(2).setHostname("x")));
        rows.add(create("25", "a hostname with a line end", "hostname", "\\u000a", spec -> spec.setHostname("a\nb")));
        rows.add(create(
                "26",
                "a limit that setrlimit has not",
                "rlimits[0].resource",
                "is none of [as, core",
                spec -> spec.addRlimitsBuilder().setResource("kernel.core_pattern")));
    }

    private static void labels(List<BadInput> rows) {
        for (var key : List.of(
                "containerd.io/restart.status",
                "containerd.io/restart.loguri",
                "io.cri-containerd.kind",
                "io.containerd.image",
                "nerdctl/name",
                "hawse.dev/name")) {
            rows.add(create(
                    "30",
                    "label " + key + ", which an engine obeys,",
                    "labels[" + key + "]",
                    "has a reserved prefix",
                    spec -> spec.putLabels(key, "binary:///bin/sh")));
        }
        rows.add(create("30", "a label without a key", "labels[]", "a key of 1 to 128", s -> s.putLabels("", "x")));
        rows.add(create(
                "30",
                "a label longer than containerd takes",
                "labels[k]",
                "at most 4096 bytes",
                spec -> spec.putLabels("k", "v".repeat(4096))));
        rows.add(create(
                "30",
                "a label's key with an escape and too long",
                "labels[\\u001b" + "x".repeat(255) + "…]",
                "1 to 128",
                spec -> spec.putLabels("\u001b" + "x".repeat(500), "")));
        rows.add(create("31", "100000 labels", "labels", "are 100000; at most 256", spec -> labels(spec, 100_000)));
        rows.add(refused(
                "31",
                "500000 labels, which fit into no message,",
                Reason.LIMIT_REACHED,
                "",
                "a message is too large (got ",
                s -> s.create(spec -> labels(spec, 500_000))));
    }

    private static void labels(ContainerSpec.Builder spec, int count) {
        for (int i = 0; i < count; i++) {
            spec.putLabels("key-" + i, "v");
        }
    }
}
