package dev.hawse.runtime;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container is made of. Null and empty mean: as the image says, then the default. Immutable; made by
 * {@link #builder}, which refuses what {@link ContainerSpecRules} refuses.
 *
 * @param image name, digest, or unique digest prefix
 * @param name empty for a generated one
 * @param entrypoint null for the image's; empty for none
 * @param workingDir empty for the image's
 * @param user empty for the image's
 * @param hostname empty for the first 12 digits of the id
 * @param ociRuntime empty for the server's default
 * @param stopSignal null for the image's
 */
public record ContainerSpec(
        String image,
        String name,
        @Nullable List<String> entrypoint,
        List<String> args,
        Map<String, String> env,
        String workingDir,
        String user,
        ProcessIo io,
        String hostname,
        boolean readOnlyRoot,
        Resources resources,
        List<Mount> mounts,
        List<String> capAdd,
        List<String> capDrop,
        boolean noNewPrivileges,
        SeccompMode seccomp,
        List<Rlimit> rlimits,
        Map<String, String> labels,
        String ociRuntime,
        NetworkMode network,
        @Nullable Signal stopSignal,
        Duration stopGrace) {

    public static final Duration DEFAULT_STOP_GRACE = Duration.ofSeconds(10);

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

    public static Builder builder(String image) {
        return new Builder(image);
    }

    /** A builder that starts with what this one has. */
    public Builder toBuilder() {
        var b = new Builder(image);
        b.name = name;
        b.entrypoint = entrypoint;
        b.args = args;
        b.env = env;
        b.workingDir = workingDir;
        b.user = user;
        b.io = io;
        b.hostname = hostname;
        b.readOnlyRoot = readOnlyRoot;
        b.resources = resources;
        b.mounts = mounts;
        b.capAdd = capAdd;
        b.capDrop = capDrop;
        b.noNewPrivileges = noNewPrivileges;
        b.seccomp = seccomp;
        b.rlimits = rlimits;
        b.labels = labels;
        b.ociRuntime = ociRuntime;
        b.network = network;
        b.stopSignal = stopSignal;
        b.stopGrace = stopGrace;
        return b;
    }

    /** Collects what is set; everything else has the defaults. Not safe for use by several threads. */
    public static final class Builder {
        private String image;
        private String name = "";
        private @Nullable List<String> entrypoint;
        private List<String> args = List.of();
        private Map<String, String> env = Map.of();
        private String workingDir = "";
        private String user = "";
        private ProcessIo io = ProcessIo.NONE;
        private String hostname = "";
        private boolean readOnlyRoot;
        private Resources resources = Resources.DEFAULT;
        private List<Mount> mounts = List.of();
        private List<String> capAdd = List.of();
        private List<String> capDrop = List.of();
        private boolean noNewPrivileges;
        private SeccompMode seccomp = SeccompMode.DEFAULT;
        private List<Rlimit> rlimits = List.of();
        private Map<String, String> labels = Map.of();
        private String ociRuntime = "";
        private NetworkMode network = NetworkMode.NONE;
        private @Nullable Signal stopSignal;
        private Duration stopGrace = DEFAULT_STOP_GRACE;

        private Builder(String image) {
            this.image = image;
        }

        public Builder image(String v) {
            image = v;
            return this;
        }

        public Builder name(String v) {
            name = v;
            return this;
        }

        public Builder entrypoint(@Nullable List<String> v) {
            entrypoint = v;
            return this;
        }

        public Builder args(List<String> v) {
            args = v;
            return this;
        }

        public Builder args(String... v) {
            return args(List.of(v));
        }

        public Builder env(Map<String, String> v) {
            env = v;
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

        public Builder io(ProcessIo v) {
            io = v;
            return this;
        }

        public Builder hostname(String v) {
            hostname = v;
            return this;
        }

        public Builder readOnlyRoot(boolean v) {
            readOnlyRoot = v;
            return this;
        }

        public Builder resources(Resources v) {
            resources = v;
            return this;
        }

        public Builder mounts(List<Mount> v) {
            mounts = v;
            return this;
        }

        public Builder capAdd(List<String> v) {
            capAdd = v;
            return this;
        }

        public Builder capDrop(List<String> v) {
            capDrop = v;
            return this;
        }

        public Builder noNewPrivileges(boolean v) {
            noNewPrivileges = v;
            return this;
        }

        public Builder seccomp(SeccompMode v) {
            seccomp = v;
            return this;
        }

        public Builder rlimits(List<Rlimit> v) {
            rlimits = v;
            return this;
        }

        public Builder labels(Map<String, String> v) {
            labels = v;
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

        public Builder stopSignal(@Nullable Signal v) {
            stopSignal = v;
            return this;
        }

        public Builder stopGrace(Duration v) {
            stopGrace = v;
            return this;
        }

        /**
         * Makes the spec.
         *
         * @throws RuntimeFailure with every field that is outside of what is allowed
         */
        public ContainerSpec build() {
            var spec = new ContainerSpec(
                    image,
                    name,
                    entrypoint,
                    args,
                    env,
                    workingDir,
                    user,
                    io,
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
            ContainerSpecRules.check(spec);
            return spec;
        }
    }
}
