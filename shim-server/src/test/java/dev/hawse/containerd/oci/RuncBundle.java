package dev.hawse.containerd.oci;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ImageConfig;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A container of busybox that the real runc runs, with a state folder and a cgroup of its own; nothing stays. */
final class RuncBundle implements AutoCloseable {

    private static final List<String> APPLETS =
            List.of("sh", "cat", "grep", "id", "mount", "unshare", "touch", "ls", "stat", "hostname", "sleep");

    private final Path bundle;
    private final Path state;
    private final ContainerId id = ContainerId.random();
    private final String namespace = "hawse-it-" + id.shortForm();
    private final EffectiveSpec effective;

    /** @param text what the command wrote, to both streams */
    record Result(int exitCode, String text) {}

    RuncBundle(Path dir, ContainerSpec spec) throws IOException {
        bundle = Files.createDirectories(dir.resolve("bundle"));
        state = dir.resolve("state");
        var root = bundle.resolve("rootfs");
        for (var folder : List.of("bin", "etc", "tmp", "data")) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.copy(Path.of("/usr/bin/busybox"), root.resolve("bin/busybox"));
        for (var applet : APPLETS) {
            Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
        }
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/tmp:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\napps:x:1001:\nextra:x:44:app\n");
        effective = EffectiveSpec.merge(spec, ImageConfig.EMPTY, id);
        Files.write(bundle.resolve("config.json"), config());
    }

    private byte[] config() throws IOException {
        return OciSpec.forContainer(
                effective, id, namespace, user(effective.spec().user()), Host.read());
    }

    private ResolvedUser user(String name) {
        return UserResolver.resolve(name, path -> read(bundle.resolve("rootfs" + path)));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs the container to its end. */
    Result run() throws IOException {
        return command("runc", "--root", state.toString(), "run", "--bundle", bundle.toString(), id.value());
    }

    /** The same with a terminal around runc, as it wants one for a container that has one. */
    Result runOnTerminal() throws IOException {
        return command(
                "script",
                "--quiet",
                "--return",
                "--command",
                "runc --root " + state + " run --bundle " + bundle + " " + id,
                "/dev/null");
    }

    /** Starts the container and leaves it running until this is closed. */
    Result start() throws IOException {
        return command("runc", "--root", state.toString(), "run", "-d", "--bundle", bundle.toString(), id.value());
    }

    Result exec(ExecSpec exec) throws IOException {
        var user = exec.user().isEmpty() ? null : user(exec.user());
        var process = Files.write(
                bundle.resolve("process.json"), OciProcess.of(config()).forExec(exec, user));
        return command("runc", "--root", state.toString(), "exec", "-p", process.toString(), id.value());
    }

    private Result command(String... command) throws IOException {
        var output = bundle.resolve("output").toFile();
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output.toPath(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        command("runc", "--root", state.toString(), "delete", "--force", id.value());
        var cgroups = new ArrayList<>(List.of(Path.of("/sys/fs/cgroup", namespace)));
        try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"))) {
            hierarchies.forEach(hierarchy -> cgroups.add(hierarchy.resolve(namespace)));
        }
        for (var cgroup : cgroups) {
            if (Files.isDirectory(cgroup)) {
                Files.delete(cgroup);
            }
        }
    }
}
