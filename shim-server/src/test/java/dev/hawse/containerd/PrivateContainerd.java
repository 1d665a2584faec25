package dev.hawse.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A containerd of a test's own, which may die and come back. Not safe for use by several threads. */
final class PrivateContainerd implements AutoCloseable {

    private final Path dir;
    private @Nullable Process process;

    PrivateContainerd(Path dir) {
        this.dir = dir;
    }

    Path socket() {
        return dir.resolve("containerd.sock");
    }

    /** Starts it, anew when it was killed; it may not serve yet when this returns. */
    void start() throws IOException {
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
    void kill() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Lets it take calls and answer none. */
    void freeze() throws IOException {
        signal("STOP");
    }

    /** Lets it go on after {@link #freeze}. */
    void thaw() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        var pid = Objects.requireNonNull(process).pid();
        new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                .start()
                .onExit()
                .join();
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
            process.onExit()
                    .orTimeout(10, TimeUnit.SECONDS)
                    .exceptionally(_ -> null)
                    .join();
            kill();
        }
    }
}
