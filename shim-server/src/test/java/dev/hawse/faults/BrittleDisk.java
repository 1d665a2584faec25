package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system of a test's own that can turn read-only while files are open for writing on it, which the kernel does when a
 * disk fails and refuses whoever asks it; or be as slow as a test wants. Needs root and a loop device.
 */
final class BrittleDisk implements AutoCloseable {

    private static final long BYTES = 64 << 20;

    private final Path mount;
    private final Path image;

    /** Mounts it on a folder that is there; the image is made. */
    BrittleDisk(Path mount, Path image) throws IOException {
        this.mount = mount;
        this.image = image;
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(BYTES);
        }
        assertThat(Processes.run("mkfs.ext4", "-q", image.toString())).isZero();
        mount();
    }

    private void mount() {
        assertThat(Processes.run("mount", "-o", "loop,errors=remount-ro", image.toString(), mount.toString()))
                .isZero();
    }

    /** From now on nothing can be written to it, also by those who have files open. */
    void turnReadOnly() throws IOException {
        Files.writeString(Path.of("/sys/fs/ext4", device(), "trigger_fs_error"), "a test\n");
    }

    /** From now on nothing that is written to it ends, until {@link #thaw}, as with a disk that is very slow. */
    void freeze() {
        assertThat(Processes.run("fsfreeze", "--freeze", mount.toString())).isZero();
    }

    void thaw() {
        assertThat(Processes.run("fsfreeze", "--unfreeze", mount.toString())).isZero();
    }

    private String device() throws IOException {
        try (var mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return mounts.filter(line -> line.split(" ", -1)[4].equals(mount.toString()))
                    .map(line -> line.substring(line.indexOf(" - ") + 3).split(" ", -1)[1])
                    .map(device -> device.substring(device.lastIndexOf('/') + 1))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Repairs it as an operator would: nobody may have a file open on it. */
    void mend() {
        assertThat(Processes.run("umount", mount.toString())).isZero();
        // 1: there was something to repair.
        assertThat(Processes.run("e2fsck", "-fy", image.toString())).isBetween(0, 1);
        mount();
    }

    /** Also of a test that has failed, whose server still has files open on it. */
    @Override
    public void close() {
        assertThat(Processes.run("umount", "--lazy", mount.toString())).isZero();
    }
}
