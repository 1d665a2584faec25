package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of a test's own with a limit to its size, which is gone when it is closed. Needs root. */
public final class SmallDisk implements AutoCloseable {

    private final Path mount;

    /** Mounts it on a folder that is there. */
    public SmallDisk(Path mount, long bytes) {
        this.mount = mount;
        assertThat(Processes.run("mount", "-t", "tmpfs", "-o", "mode=700,size=" + bytes, "tmpfs", mount.toString()))
                .isZero();
    }

    /** Leaves no room. */
    public void fill() throws IOException {
        try (var out = Files.newOutputStream(ballast())) {
            var block = new byte[4096];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full.getMessage()).contains("No space left");
        }
    }

    /** Makes room again after {@link #fill}. */
    public void empty() throws IOException {
        Files.delete(ballast());
    }

    private Path ballast() {
        return mount.resolve("ballast");
    }

    /** Also of a test that has failed, whose server still has files open on it. */
    @Override
    public void close() {
        assertThat(Processes.run("umount", "--lazy", mount.toString())).isZero();
    }
}
