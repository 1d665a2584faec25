package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
class FifoTest {
    @TempDir
    private Path dir;

    @Test
    void modeIsOwnerOnlyWhateverTheUmask() throws Throwable {
        for (int umask : new int[] {0, 0022, 0077, 0777}) {
            Path path = dir.resolve("fifo-" + umask);
            int before = umask(umask);
            try {
                Fifo.create(path);
            } finally {
                umask(before);
            }
            assertThat(Files.getPosixFilePermissions(path))
                    .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        }
    }

    @Test
    void existingPathIsNotReplaced() throws IOException {
        Path path = dir.resolve("taken");
        Files.writeString(path, "kept");
        assertFails(() -> Fifo.create(path), Errno.EEXIST, "mkfifo " + path + ": EEXIST (errno 17)");
        assertThat(path).hasContent("kept");
    }

    @Test
    void missingPathIsNamed() {
        Path path = dir.resolve("absent");
        assertFails(() -> Fifo.openReader(path), Errno.ENOENT, "open reader " + path + ": ENOENT (errno 2)");
        assertFails(() -> Fifo.openWriter(path), Errno.ENOENT, "open writer " + path + ": ENOENT (errno 2)");
        assertFails(() -> Fifo.openReadWriteGuard(path), Errno.ENOENT, "open guard " + path + ": ENOENT (errno 2)");
    }

    @Test
    void fileInPlaceOfDirectoryIsNamed() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        Path path = file.resolve("fifo");
        assertFails(() -> Fifo.create(path), Errno.ENOTDIR, "mkfifo " + path + ": ENOTDIR (errno 20)");
        assertFails(() -> Fifo.openReader(path), Errno.ENOTDIR, "open reader " + path + ": ENOTDIR (errno 20)");
    }

    @Test
    void pathLongerThanTheKernelTakesIsRefused() {
        Path path = dir.resolve("x".repeat(100_000));
        assertFails(() -> Fifo.create(path), Errno.ENAMETOOLONG, ": ENAMETOOLONG (errno 36)");
    }

    @Test
    void nonAsciiPathIsTheOneTheJdkSees() throws IOException {
        Path path = dir.resolve("Rohr-ü-管");
        Fifo.create(path);
        assertThat(Files.exists(path)).isTrue();
    }

    @Test
    void symbolicLinkIsNotFollowed() throws IOException {
        Path fifo = dir.resolve("fifo");
        Fifo.create(fifo);
        Path link = Files.createSymbolicLink(dir.resolve("link"), fifo);
        assertFails(() -> Fifo.openReader(link), Errno.ELOOP, "ELOOP");
        assertFails(() -> Fifo.openReadWriteGuard(link), Errno.ELOOP, "ELOOP");
    }

    @Test
    void regularFileIsRefusedAndNotLeftOpen() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        long before = OpenFiles.count();
        assertThatThrownBy(() -> Fifo.openReader(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("reader " + file + ": not a FIFO (got file mode 0100");
        assertThatThrownBy(() -> Fifo.openWriter(file)).hasMessageContaining("not a FIFO");
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void foreignOwnerIsRefused() throws IOException {
        assumeTrue(Sys.effectiveUserId() == 0, "only root can give a file away");
        Path path = dir.resolve("foreign");
        Fifo.create(path);
        Files.setAttribute(path, "unix:uid", 65534);
        assertThatThrownBy(() -> Fifo.openReader(path))
                .hasMessage("reader " + path + ": foreign owner (got uid 65534), allowed is uid 0");
    }

    @Test
    void writerWithoutReaderOrGuardIsRefused() throws IOException {
        Path path = dir.resolve("lonely");
        Fifo.create(path);
        assertFails(() -> Fifo.openWriter(path), Errno.ENXIO, "ENXIO");
        try (Fd guard = Fifo.openReadWriteGuard(path);
                Fd writer = Fifo.openWriter(path)) {
            assertThat(guard.isOpen()).isTrue();
            assertThat(writer.isOpen()).isTrue();
        }
    }

    @Test
    void descriptorsAreNotInheritedByChildren() throws IOException {
        Path path = dir.resolve("fifo");
        Fifo.create(path);
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            assertThat(guard.isOpen()).isTrue();
            Process child = new ProcessBuilder("ls", "-l", "/proc/self/fd").start();
            String listing = new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(listing).contains("->").doesNotContain(path.toString());
        }
    }

    private static void assertFails(ThrowingCallable call, int errno, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SysException.class, e -> {
            assertThat(e.errno()).isEqualTo(errno);
            assertThat(e.errnoName()).isEqualTo(Errno.name(errno));
            assertThat(e).hasMessageContaining(message);
        });
    }

    @SuppressWarnings("restricted") // the JDK cannot change the umask
    private static int umask(int mask) throws Throwable {
        Linker linker = Linker.nativeLinker();
        return (int) linker.downcallHandle(
                        linker.defaultLookup().find("umask").orElseThrow(), FunctionDescriptor.of(JAVA_INT, JAVA_INT))
                .invokeExact(mask);
    }
}
