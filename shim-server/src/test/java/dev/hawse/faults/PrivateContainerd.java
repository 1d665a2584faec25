package dev.hawse.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A containerd of a test's own, below a folder, which may die, freeze and come back. What it leaves is gone when it has been
 * closed, shims and mounts included. Not safe for use by several threads.
 */
public final class PrivateContainerd implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path dir;
    private @Nullable Process process;

    public PrivateContainerd(Path dir) {
        this.dir = dir;
    }

    public Path socket() {
        return dir.resolve("containerd.sock");
    }

    public long pid() {
        return Objects.requireNonNull(process).pid();
    }

    /** Starts it, anew when it was killed; it may not serve yet when this returns. */
    public void start() throws IOException {
        var config = Files.writeString(dir.resolve("config.toml"), """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri"]
                [grpc]
                  address = "%1$s/containerd.sock"
                [plugins."io.containerd.internal.v1.opt"]
                  path = "%1$s/opt"
                """.formatted(dir));
        process = new ProcessBuilder("containerd", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
                .start();
    }

    /** Ends it without a chance to tidy up; the shims and what they hold live on. */
    public void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Lets it take calls and answer none. */
    public void freeze() {
        Processes.signal(pid(), "STOP");
    }

    /** Lets it go on after {@link #freeze}. */
    public void thaw() {
        Processes.signal(pid(), "CONT");
    }

    /** The shim of a container, which must have one. */
    public long shim(String container) {
        return Processes.having(arguments -> isShim(arguments) && arguments.contains(container))
                .getFirst();
    }

    /** All its shims. */
    public List<Long> shims() {
        return Processes.having(this::isShim);
    }

    private boolean isShim(List<String> arguments) {
        return !arguments.isEmpty()
                && arguments.getFirst().contains("containerd-shim")
                && arguments.contains(socket().toString());
    }

    /** What a restart of the host leaves of it: nothing that ran or lay in memory, everything on disk. */
    public void loseWhatRan() {
        kill();
        endShims();
        unmount();
        delete(dir.resolve("state"));
    }

    @Override
    public void close() {
        if (process != null) {
            thaw();
            process.destroy();
            process.onExit()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .exceptionally(_ -> null)
                    .join();
            kill();
        }
        endShims();
        unmount();
        delete(dir);
    }

    private void endShims() {
        for (var shim : shims()) {
            ProcessHandle.of(shim).ifPresent(handle -> {
                handle.descendants().forEach(ProcessHandle::destroyForcibly);
                handle.destroyForcibly();
            });
        }
        await().atMost(PATIENCE).until(() -> shims().isEmpty());
    }

    private void unmount() {
        try {
            Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .map(line -> line.split(" ", -1)[4])
                    .filter(mount -> mount.startsWith(dir + "/"))
                    .sorted(java.util.Comparator.reverseOrder())
                    .forEach(mount -> Processes.run("umount", "--lazy", mount));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path top) {
        // Somebody may still be writing, as a containerd that dies.
        await().atMost(PATIENCE).until(() -> Processes.run("rm", "-rf", top.toString()) == 0);
    }
}
