package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.containerd.api.types.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading the layers shows what the kernel's overlayfs shows; needs root. */
@Timeout(60)
class MountedRootFilesIT {

    @TempDir
    private Path dir;

    @Test
    void layersReadAsTheKernelShowsThem() throws IOException {
        var low = layer("low");
        var mid = layer("mid");
        var upper = layer("upper");
        var work = layer("work");
        var merged = layer("merged");
        for (var path : List.of("etc/passwd", "etc/group", "gone/passwd", "usr/lib/passwd", "opt/a/b/file", "kept")) {
            write(low.resolve(path), "low " + path);
        }
        write(mid.resolve("etc/group"), "mid");
        Files.createSymbolicLink(mid.resolve("lib"), Path.of("usr/lib"));
        var options = List.of("index=off", "lowerdir=" + mid + ":" + low, "upperdir=" + upper, "workdir=" + work);
        var mount = Mount.newBuilder().setType("overlay").setSource("overlay").addAllOptions(options);
        run("mount", "-t", "overlay", "overlay", "-o", String.join(",", options), merged.toString());
        try {
            run("rm", "-r", merged + "/etc", merged + "/gone", merged + "/opt/a");
            write(merged.resolve("etc/group"), "new");
            write(merged.resolve("opt/a/c"), "new");
            write(merged.resolve("gone"), "a file now");
            Files.createSymbolicLink(merged.resolve("etc/shadow"), Path.of("/lib/passwd"));
            var files = MountedRootFiles.over(List.of(mount.build()));
            for (var path : List.of(
                    "/etc/passwd",
                    "/etc/group",
                    "/gone",
                    "/gone/passwd",
                    "/lib/passwd",
                    "/usr/lib/passwd",
                    "/opt/a/b/file",
                    "/opt/a/c",
                    "/kept")) {
                var shown = merged.resolve(path.substring(1));
                assertThat(files.read(path))
                        .as(path)
                        .isEqualTo(Files.isRegularFile(shown) ? Files.readAllBytes(shown) : null);
            }
            assertThat(files.read("/etc/shadow")).isEqualTo(Files.readAllBytes(merged.resolve("usr/lib/passwd")));
        } finally {
            run("umount", merged.toString());
        }
    }

    private Path layer(String name) throws IOException {
        return Files.createDirectories(dir.resolve(name));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void run(String... command) throws IOException {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }
}
