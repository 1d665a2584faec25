package dev.hawse.server;

import static dev.hawse.server.BadInput.invalid;
import static dev.hawse.server.BadInput.refused;

import dev.hawse.api.runtime.v1.BindMount;
import dev.hawse.api.runtime.v1.ContainerSpec;
import dev.hawse.api.runtime.v1.Mount;
import dev.hawse.api.runtime.v1.TmpfsMount;
import dev.hawse.runtime.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Mounts that would show a container what is not its own. */
final class BadMounts {

    private static final String SOURCE = "mounts[0].bind.source";
    private static final String TARGET = "mounts[0].target";

    private BadMounts() {}

    static List<BadInput> rows() {
        var rows = new ArrayList<BadInput>();
        for (var target : List.of(
                "/",
                "//",
                "/.",
                "/proc",
                "/proc/self",
                "/proc//x",
                "/sys",
                "/sys/fs/cgroup",
                "/dev",
                "/dev/",
                "/dev/pts",
                "/dev/./mqueue")) {
            rows.add(invalid(
                    "36",
                    "a mount at " + target,
                    TARGET,
                    "must be none of / /dev /dev/pts /dev/mqueue and not in /proc or /sys (got \"" + target + "\")",
                    s -> s.create(spec -> bind(spec, target, "/tmp"))));
        }
        for (var target : List.of("", "relative", "./x", "/a/../proc", "/a/..", "/x\0/y")) {
            rows.add(invalid(
                    "36",
                    "a mount at \"" + target.replace('\0', '0') + "\"",
                    TARGET,
                    "",
                    s -> s.create(spec -> bind(spec, target, "/tmp"))));
        }
        for (var source : List.of("", "relative", "/tmp/../etc", "/tmp\0/x")) {
            rows.add(invalid(
                    "35",
                    "a mount of \"" + source.replace('\0', '0') + "\"",
                    SOURCE,
                    "",
                    s -> s.create(spec -> bind(spec, "/x", source))));
        }
        rows.add(invalid(
                "36",
                "a mount of nothing",
                "mounts[0]",
                "must be one of bind, tmpfs",
                s -> s.create(spec -> spec.addMountsBuilder().setTarget("/x"))));
        rows.add(invalid(
                "38",
                "two mounts at one target",
                "mounts[1].target",
                "is the target of another",
                s -> s.create(spec -> bind(bind(spec, "/x", "/tmp"), "/x/./", "/tmp"))));
        for (var size : new long[] {0, 4095, -1, Long.MIN_VALUE}) {
            rows.add(invalid(
                    "37",
                    "memory of " + Long.toUnsignedString(size) + " bytes to be mounted",
                    "mounts[0].tmpfs.size_bytes",
                    "must be at least 4096 (got " + Long.toUnsignedString(size) + ")",
                    s -> s.create(spec -> spec.addMounts(Mount.newBuilder()
                            .setTarget("/x")
                            .setTmpfs(TmpfsMount.newBuilder().setSizeBytes(size))))));
        }
        return rows;
    }

    /**
     * Those whose answer depends on the host.
     *
     * @param server the server's folder, where its state and its socket lie
     * @param containerd its socket
     */
    static List<BadInput> rowsOfHost(Path server, Path containerd) {
        var rows = new ArrayList<BadInput>();
        for (var source : List.of(
                "/",
                "//",
                "/etc",
                "/proc",
                "/proc/1/root",
                "/sys",
                "/sys/fs/cgroup",
                "/dev",
                "/etc/shadow",
                "/var",
                "/run")) {
            rows.add(denied("33", "a mount of the host's " + source, _ -> source));
        }
        rows.add(denied(
                "33",
                "a mount of the server's state",
                _ -> server.resolve("state").toString()));
        rows.add(denied(
                "33",
                "a mount of logs in the server's state",
                _ -> server.resolve("state/logs").toString()));
        rows.add(denied("33", "a mount of the folder that the server's state lies in", _ -> server.toString()));
        rows.add(denied(
                "33",
                "a mount of the server's socket",
                _ -> server.resolve("run/hawse.sock").toString()));
        rows.add(denied("33", "a mount of containerd's socket", _ -> containerd.toString()));
        rows.add(denied("34", "a link to the host's /etc/shadow", dir -> link(dir, "/etc/shadow")));
        rows.add(denied("34", "a link to a link to /proc", dir -> link(dir, link(dir, "/proc"))));
        rows.add(denied("34", "a file through a link to /etc", dir -> link(dir, "/etc") + "/shadow"));
        rows.add(denied("35", "/etc/shadow with slashes too many", _ -> "//etc///shadow"));
        rows.add(denied("35", "/etc/shadow with dots", _ -> "/./etc/./shadow"));
        rows.add(invalid(
                "33",
                "a mount of what is not there",
                SOURCE,
                "does not exist on this host",
                s -> s.create(spec -> bind(spec, "/x", "/tmp/hawse-is-not-there"))));
        return rows;
    }

    private static BadInput denied(String cases, String what, Function<Path, String> source) {
        return refused(cases, what, Reason.PERMISSION_DENIED, SOURCE, "is protected on this host", s -> {
            var dir = folder();
            try {
                s.create(spec -> bind(spec, "/x", source.apply(dir)));
            } finally {
                delete(dir);
            }
        });
    }

    static ContainerSpec.Builder bind(ContainerSpec.Builder spec, String target, String source) {
        return spec.addMounts(Mount.newBuilder()
                .setTarget(target)
                .setBind(BindMount.newBuilder().setSource(source)));
    }

    private static String link(Path dir, String to) {
        try {
            return Files.createSymbolicLink(dir.resolve("link-" + System.nanoTime()), Path.of(to))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("hawse-mounts");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path dir) {
        try (var links = Files.list(dir)) {
            for (var link : links.toList()) {
                Files.delete(link);
            }
            Files.delete(dir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
