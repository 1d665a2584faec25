package dev.hawse.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container is made of. What is null or empty comes from the image, then from the server's defaults, which are
 * Docker's. Immutable; the server checks it.
 *
 * @param image a name ("busybox"), a name with digest, a digest, or a unique prefix of one; it must be there already
 * @param runtime null for the server's active one
 * @param name empty for a generated one
 * @param entrypoint replaces the image's entrypoint and drops its command; null for the image's, empty for none
 * @param args the arguments of the entrypoint, or the whole command line when there is none
 * @param env added to the image's environment; a key replaces the image's
 * @param workingDir absolute
 * @param user "user", "uid", "user:group" or "uid:gid"
 * @param stdin whether the main process's input stays open for bytes
 * @param terminal the size of its terminal; null for none
 * @param hostname empty for the first 12 digits of the id
 * @param capAdd added to Docker's default set of capabilities
 * @param capDrop taken from the set after that; "ALL" empties the default set first
 * @param ociRuntime one that {@link RuntimeInfo#ociRuntimes()} names
 * @param stopSignal what {@link Containers#stop} sends first
 * @param stopGrace how long it then waits before it kills; null for 10 s
 */
public record ContainerSpec(
        String image,
        @Nullable RuntimeKind runtime,
        String name,
        @Nullable List<String> entrypoint,
        List<String> args,
        Map<String, String> env,
        String workingDir,
        String user,
        boolean stdin,
        @Nullable TerminalSize terminal,
        String hostname,
        boolean readOnlyRoot,
        Resources resources,
        List<Mount> mounts,
        List<String> capAdd,
        List<String> capDrop,
        boolean noNewPrivileges,
        SeccompProfile seccomp,
        List<Rlimit> rlimits,
        Map<String, String> labels,
        String ociRuntime,
        NetworkMode network,
        String stopSignal,
        @Nullable Duration stopGrace) {

    public ContainerSpec {
        entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
        args = List.copyOf(args);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
        mounts = List.copyOf(mounts);
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
        rlimits = List.copyOf(rlimits);
        labels = Map.copyOf(labels);
    }

    /** A builder for a container from an image, with a command line in place of the image's when there is one. */
    public static Builder builder(String image, String... args) {
        return new Builder(image).args(args);
    }

    /** Collects what is set; methods for lists and maps add. Not safe for use by several threads. */
    public static final class Builder {
        private final String image;
        private @Nullable RuntimeKind runtime;
        private String name = "";
        private @Nullable List<String> entrypoint;
        private final List<String> args = new ArrayList<>();
        private final Map<String, String> env = new LinkedHashMap<>();
        private String workingDir = "";
        private String user = "";
        private boolean stdin;
        private @Nullable TerminalSize terminal;
        private String hostname = "";
        private boolean readOnlyRoot;
        private @Nullable Long memoryBytes;
        private @Nullable Long memorySwapBytes;
        private @Nullable Long cpuMillis;
        private @Nullable Long cpuShares;
        private String cpusetCpus = "";
        private @Nullable Long pidsLimit;
        private final List<Mount> mounts = new ArrayList<>();
        private final List<String> capAdd = new ArrayList<>();
        private final List<String> capDrop = new ArrayList<>();
        private boolean noNewPrivileges;
        private SeccompProfile seccomp = SeccompProfile.DEFAULT;
        private final List<Rlimit> rlimits = new ArrayList<>();
        private final Map<String, String> labels = new LinkedHashMap<>();
        private String ociRuntime = "";
        private NetworkMode network = NetworkMode.NONE;
        private String stopSignal = "";
        private @Nullable Duration stopGrace;

        private Builder(String image) {
            this.image = image;
        }

        public Builder runtime(RuntimeKind v) {
            runtime = v;
            return this;
        }

        public Builder name(String v) {
            name = v;
            return this;
        }

        /** Replaces the image's entrypoint; without arguments, removes it. */
        public Builder entrypoint(String... v) {
            entrypoint = List.of(v);
            return this;
        }

        public Builder args(String... v) {
            return args(List.of(v));
        }

        public Builder args(List<String> v) {
            args.addAll(v);
            return this;
        }

        public Builder env(String key, String value) {
            env.put(key, value);
            return this;
        }

        public Builder env(Map<String, String> all) {
            env.putAll(all);
            return this;
        }

        public Builder workingDir(String v) {
            workingDir = v;
            return this;
        }

        public Builder user(String v) {
            user = v;
            return this;
        }

        /** Keeps the main process's input open for {@link ProcessSession#stdin()}. */
        public Builder stdin() {
            stdin = true;
            return this;
        }

        /** Gives the main process a terminal: one output stream, line discipline, signals from control characters. */
        public Builder terminal(TerminalSize size) {
            terminal = size;
            return this;
        }

        public Builder hostname(String v) {
            hostname = v;
            return this;
        }

        public Builder readOnlyRoot() {
            readOnlyRoot = true;
            return this;
        }

        /** At least 6 MiB. */
        public Builder memoryBytes(long v) {
            memoryBytes = v;
            return this;
        }

        /** Memory and swap together; needs {@link #memoryBytes}. */
        public Builder memorySwapBytes(long v) {
            memorySwapBytes = v;
            return this;
        }

        /** Thousandths of a processor: 1500 is one and a half. */
        public Builder cpuMillis(long v) {
            cpuMillis = v;
            return this;
        }

        public Builder cpuShares(long v) {
            cpuShares = v;
            return this;
        }

        public Builder cpusetCpus(String v) {
            cpusetCpus = v;
            return this;
        }

        public Builder pidsLimit(long v) {
            pidsLimit = v;
            return this;
        }

        public Builder mount(Mount v) {
            mounts.add(v);
            return this;
        }

        public Builder capAdd(String... v) {
            capAdd.addAll(List.of(v));
            return this;
        }

        public Builder capDrop(String... v) {
            capDrop.addAll(List.of(v));
            return this;
        }

        public Builder noNewPrivileges() {
            noNewPrivileges = true;
            return this;
        }

        public Builder seccomp(SeccompProfile v) {
            seccomp = v;
            return this;
        }

        public Builder rlimit(Rlimit v) {
            rlimits.add(v);
            return this;
        }

        public Builder label(String key, String value) {
            labels.put(key, value);
            return this;
        }

        public Builder labels(Map<String, String> all) {
            labels.putAll(all);
            return this;
        }

        public Builder ociRuntime(String v) {
            ociRuntime = v;
            return this;
        }

        public Builder network(NetworkMode v) {
            network = v;
            return this;
        }

        public Builder stopSignal(String v) {
            stopSignal = v;
            return this;
        }

        public Builder stopGrace(Duration v) {
            stopGrace = v;
            return this;
        }

        public ContainerSpec build() {
            var resources = new Resources(memoryBytes, memorySwapBytes, cpuMillis, cpuShares, cpusetCpus, pidsLimit);
            return new ContainerSpec(
                    image,
                    runtime,
                    name,
                    entrypoint,
                    args,
                    env,
                    workingDir,
                    user,
                    stdin,
                    terminal,
                    hostname,
                    readOnlyRoot,
                    resources,
                    mounts,
                    capAdd,
                    capDrop,
                    noNewPrivileges,
                    seccomp,
                    rlimits,
                    labels,
                    ociRuntime,
                    network,
                    stopSignal,
                    stopGrace);
        }
    }
}
