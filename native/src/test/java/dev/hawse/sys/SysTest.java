package dev.hawse.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

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
