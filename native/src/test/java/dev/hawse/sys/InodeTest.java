package dev.hawse.sys;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class InodeTest {
    @TempDir
    private Path dir;

    @Test
    void fileIsReadUpToTheLimit() throws IOException {
        Files.writeString(dir.resolve("file"), "0123456789");
        try (var folder = Inode.hold(dir);
                var file = requireNonNull(folder.child("file"))) {
            assertThat(folder.type()).isEqualTo(Inode.Type.FOLDER);
            assertThat(file.type()).isEqualTo(Inode.Type.FILE);
            assertThat(file.read(4)).asString(StandardCharsets.UTF_8).isEqualTo("0123");
            assertThat(file.read(100)).hasSize(10);
        }
    }

    @Test
    void linkIsNotFollowedAndTellsItsText() throws IOException {
        Files.createSymbolicLink(dir.resolve("link"), Path.of("/etc/ü"));
        try (var folder = Inode.hold(dir);
                var link = requireNonNull(folder.child("link"))) {
            assertThat(link.type()).isEqualTo(Inode.Type.LINK);
            assertThat(link.linkText()).isEqualTo("/etc/ü");
            assertThatThrownBy(() -> link.child("passwd")).isInstanceOf(SysException.class);
            assertThatThrownBy(() -> link.read(1)).hasMessageContaining("not a file");
        }
    }

    @Test
    void fifoNeitherBlocksNorIsRead() throws IOException {
        Fifo.create(dir.resolve("fifo"));
        try (var folder = Inode.hold(dir);
                var fifo = requireNonNull(folder.child("fifo"))) {
            assertThat(fifo.type()).isEqualTo(Inode.Type.OTHER);
            assertThatThrownBy(() -> fifo.read(1)).hasMessageContaining("not a file");
        }
    }

    @Test
    void replacedNameStillStandsForTheOldFile() throws IOException {
        Path path = Files.writeString(dir.resolve("file"), "old");
        try (var folder = Inode.hold(dir);
                var file = requireNonNull(folder.child("file"))) {
            Files.delete(path);
            Files.createSymbolicLink(path, Path.of("/etc/hostname"));
            assertThat(file.read(10)).asString(StandardCharsets.UTF_8).isEqualTo("old");
        }
    }

    @Test
    void absentChildIsNull() throws IOException {
        try (var folder = Inode.hold(dir)) {
            assertThat(folder.child("absent")).isNull();
            assertThat(folder.child("x".repeat(300))).isNull();
        }
    }

    @Test
    void attributesAreRead() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
                .write("hawse", StandardCharsets.UTF_8.encode("y"));
        try (var folder = Inode.hold(dir);
                var inode = requireNonNull(folder.child("file"))) {
            assertThat(inode.attribute("user.hawse")).containsExactly('y');
            assertThat(inode.attribute("user.other")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/etc"})
    void onlyOneElementOfAPathIsTaken(String name) throws IOException {
        try (var folder = Inode.hold(dir)) {
            assertThatThrownBy(() -> folder.child(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closedInodeIsRefused() throws IOException {
        var folder = Inode.hold(dir);
        folder.close();
        folder.close();
        assertThatThrownBy(() -> folder.child("x")).isInstanceOf(IllegalStateException.class);
    }
}
