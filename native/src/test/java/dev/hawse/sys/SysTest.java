package dev.hawse.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SysTest {
    @Test
    void isAvailableOnThisHost() {
        assertThat(Sys.unavailableCause()).isNull();
        assertThat(Sys.isAvailable()).isTrue();
        Sys.ensureAvailable();
    }

    @Test
    void anotherPlatformIsNamedAsTheCause() {
        assertThat(Sys.unsupportedPlatform("Mac OS X", "aarch64"))
                .hasMessage("os.name: not supported (got Mac OS X), allowed is Linux");
        assertThat(Sys.unsupportedPlatform("Linux", "riscv64"))
                .hasMessage("os.arch: not supported (got riscv64), allowed are amd64 and aarch64");
        assertThat(Sys.unsupportedPlatform("Linux", "aarch64")).isNull();
    }

    @Test
    void deniedNativeAccessIsACauseAndNotACrash() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--illegal-native-access=deny",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Probe.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(printed).contains("available false").contains("UnsupportedOperationException: native access: ");
        assertThat(child.waitFor()).isZero();
    }

    /** What {@link #deniedNativeAccessIsACauseAndNotACrash} runs. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws IOException {
            System.out.println("available " + Sys.isAvailable());
            try {
                Fifo.create(Path.of("never-made"));
            } catch (UnsupportedOperationException e) {
                System.out.println(e);
            }
        }
    }

    @Test
    void effectiveUserIdIsTheOneOfNewFiles() throws IOException {
        Path file = Files.createTempFile("hawse", "uid");
        try {
            assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(Sys.effectiveUserId());
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void errorNumbersHaveTheirNames() {
        assertThat(Errno.name(Errno.ENOENT)).isEqualTo("ENOENT");
        assertThat(Errno.name(Errno.ELOOP)).isEqualTo("ELOOP");
        assertThat(Errno.name(110)).isEqualTo("ETIMEDOUT");
        assertThat(Errno.name(133)).isEqualTo("EHWPOISON");
        assertThat(Errno.name(41)).isEqualTo("errno 41");
        assertThat(Errno.name(134)).isEqualTo("errno 134");
        assertThat(Errno.name(-1)).isEqualTo("errno -1");
    }

    @Test
    void epollEventIsPackedOnAmd64Alone() {
        assertThat(Epoll.EventLayout.of("amd64")).isEqualTo(new Epoll.EventLayout(12, 4));
        assertThat(Epoll.EventLayout.of("aarch64")).isEqualTo(new Epoll.EventLayout(16, 8));
    }
}
