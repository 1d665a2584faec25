package dev.hawse.cli;

import dev.hawse.client.ContainerSpec;
import dev.hawse.client.NetworkMode;
import dev.hawse.client.SeccompProfile;
import dev.hawse.client.TerminalSize;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code run} and {@code create} take to describe a container: Docker's flags. */
final class ContainerOptions {

    @Mixin
    private ProcessOptions process = new ProcessOptions();

    @Option(names = "--name", paramLabel = "NAME", description = "The container's name.")
    private String name = "";

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "SOURCE:TARGET[:ro]",
            description = "Mount a host's folder.")
    private List<String> volumes = new ArrayList<>();

    @Option(names = "--mount", paramLabel = "SPEC", description = "Mount as type=bind|tmpfs,source=…,target=…")
    private List<String> mounts = new ArrayList<>();

    @Option(
            names = "--tmpfs",
            paramLabel = "TARGET[:OPTIONS]",
            description = "Mount memory; options are size and mode.")
    private List<String> tmpfs = new ArrayList<>();

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "NAME",
            description = "The container's host name.")
    private String hostname = "";

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "Memory limit, such as 512m.")
    private @Nullable String memory;

    @Option(names = "--memory-swap", paramLabel = "SIZE", description = "Memory and swap together.")
    private @Nullable String memorySwap;

    @Option(names = "--cpus", paramLabel = "N", description = "Processors, such as 1.5.")
    private @Nullable String cpus;

    @Option(
            names = {"-c", "--cpu-shares"},
            paramLabel = "N",
            description = "Weight against other containers.")
    private @Nullable Long cpuShares;

    @Option(names = "--cpuset-cpus", paramLabel = "LIST", description = "Processors it may run on, as 0-2,4.")
    private String cpusetCpus = "";

    @Option(names = "--pids-limit", paramLabel = "N", description = "The most processes and threads.")
    private @Nullable Long pidsLimit;

    @Option(names = "--cap-add", paramLabel = "CAP", description = "Add a capability.")
    private List<String> capAdd = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "CAP", description = "Take a capability away, or ALL.")
    private List<String> capDrop = new ArrayList<>();

    @Option(names = "--security-opt", paramLabel = "OPTION", description = "no-new-privileges or seccomp=unconfined.")
    private List<String> securityOptions = new ArrayList<>();

    @Option(names = "--read-only", description = "Make the root file system read-only.")
    private boolean readOnly;

    @Option(names = "--ulimit", paramLabel = "NAME=SOFT[:HARD]", description = "Set a limit per process.")
    private List<String> ulimits = new ArrayList<>();

    @Option(
            names = {"-l", "--label"},
            paramLabel = "KEY[=VALUE]",
            description = "Set a label.")
    private List<String> labels = new ArrayList<>();

    @Option(names = "--entrypoint", paramLabel = "PROGRAM", description = "Replace the image's; empty removes it.")
    private @Nullable String entrypoint;

    @Option(
            names = {"--network", "--net"},
            paramLabel = "none|host",
            description = "Default: none.")
    private String network = "none";

    @Option(names = "--stop-signal", paramLabel = "SIGNAL", description = "What stop sends first.")
    private String stopSignal = "";

    @Option(names = "--stop-timeout", paramLabel = "SECONDS", description = "How long stop waits after it.")
    private @Nullable Long stopTimeout;

    @Option(names = "--runtime", paramLabel = "NAME", description = "The OCI runtime, such as crun.")
    private String ociRuntime = "";

    @Parameters(index = "0", paramLabel = "IMAGE")
    private String image = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Replaces the image's.")
    private List<String> command = new ArrayList<>();

    boolean interactive() {
        return process.interactive();
    }

    boolean tty() {
        return process.tty();
    }

    /** What was asked for; {@code size} is that of our terminal, and used when the process gets one. */
    ContainerSpec spec(Console console, TerminalSize size) throws IOException {
        var spec = ContainerSpec.builder(image)
                .args(command)
                .name(name)
                .hostname(hostname)
                .cpusetCpus(cpusetCpus)
                .capAdd(capAdd.toArray(String[]::new))
                .capDrop(capDrop.toArray(String[]::new))
                .labels(Flags.labels(labels))
                .network(networkMode())
                .stopSignal(stopSignal)
                .ociRuntime(ociRuntime);
        process.apply(spec, console, size);
        if (readOnly) {
            spec.readOnlyRoot();
        }
        if (entrypoint != null) {
            spec.entrypoint(entrypoint.isEmpty() ? new String[0] : new String[] {entrypoint});
        }
        if (stopTimeout != null) {
            spec.stopGrace(Duration.ofSeconds(stopTimeout));
        }
        volumes.forEach(v -> spec.mount(Flags.volume(v)));
        mounts.forEach(m -> spec.mount(Flags.mount(m)));
        tmpfs.forEach(t -> spec.mount(Flags.tmpfs(t)));
        ulimits.forEach(u -> spec.rlimit(Flags.ulimit(u)));
        securityOptions.forEach(o -> security(spec, o));
        limits(spec);
        return spec.build();
    }

    private void limits(ContainerSpec.Builder spec) {
        if (memory != null) {
            spec.memoryBytes(Flags.size("--memory", memory));
        }
        if (memorySwap != null) {
            spec.memorySwapBytes(Flags.size("--memory-swap", memorySwap));
        }
        if (cpus != null) {
            spec.cpuMillis(Flags.cpuMillis(cpus));
        }
        if (cpuShares != null) {
            spec.cpuShares(Flags.positive("--cpu-shares", cpuShares));
        }
        if (pidsLimit != null) {
            spec.pidsLimit(Flags.positive("--pids-limit", pidsLimit));
        }
    }

    private static void security(ContainerSpec.Builder spec, String option) {
        switch (option) {
            case "no-new-privileges", "no-new-privileges=true", "no-new-privileges:true" -> spec.noNewPrivileges();
            case "seccomp=unconfined", "seccomp:unconfined" -> spec.seccomp(SeccompProfile.UNCONFINED);
            default ->
                throw new CliFailure("--security-opt: unknown (got " + option
                        + "), allowed are no-new-privileges and seccomp=unconfined");
        }
    }

    private NetworkMode networkMode() {
        return switch (network) {
            case "none" -> NetworkMode.NONE;
            case "host" -> NetworkMode.HOST;
            default -> throw new CliFailure("--network: unknown (got " + network + "), allowed are none and host");
        };
    }
}
