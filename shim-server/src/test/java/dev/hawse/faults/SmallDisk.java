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
        assertThat(Processes.run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", mount.toString()))
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

    public void readOnly() {
        remount("ro");
    }

    public void readWrite() {
        remount("rw");
    }

    private void remount(String how) {
        assertThat(Processes.run("mount", "-o", "remount," + how, mount.toString()))
                .isZero();
    }

    private Path ballast() {
        return mount.resolve("ballast");
    }

    @Override
    public void close() {
        assertThat(Processes.run("umount", mount.toString())).isZero();
    }
}
