package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.server.config.HawseConfig;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a server takes its place, and where it refuses to; with an engine in memory. */
@Timeout(60)
class ListenTest {

    @TempDir
    private Path dir;

    private ServerFixture server;

    @BeforeEach
    void open() {
        server = new ServerFixture(dir);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void refusesToStart(String message) {
        assertThatThrownBy(server::start).isInstanceOf(StartFailure.class).hasMessageContaining(message);
    }

    @Test
    void itServesOnASocketThatIsNotForEverybody() throws IOException {
        server.start();

        assertThat(ServerFixture.version(server.connect())).isEqualTo("1.2.3");
        assertThat(permissions(server.socket)).isEqualTo("rw-rw----");
        assertThat(permissions(server.dir.resolve("run"))).isEqualTo("rwxr-x---");
        assertThat(permissions(server.dir.resolve("state"))).isEqualTo("rwx------");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void itTakesItsSocketAndItsEnginesWithIt() throws IOException {
        var running = server.start();
        running.close();
        running.close();

        assertThat(server.runtime.closed()).isTrue();
        try (var left = Files.list(server.dir.resolve("run"))) {
            assertThat(left.map(p -> Objects.toString(p.getFileName()))).containsExactly("h.sock.lock");
        }
    }

    @Test
    void aSecondServerIsToldOfTheFirst() {
        server.start();

        refusesToStart("already running, pid " + ProcessHandle.current().pid() + ", at " + server.socket);
        assertThat(ServerFixture.version(server.connect())).isEqualTo("1.2.3");
    }

    @Test
    void twoServersNeverShareAState() {
        server.start();
        server.socket = server.dir.resolve("run/other.sock");

        refusesToStart("state is in use by another server, pid "
                + ProcessHandle.current().pid());
        assertThat(server.socket).doesNotExist();
    }

    @Test
    void aServerCanStartAgainWhereOneEnded() {
        server.start().close();
        server.start();

        assertThat(ServerFixture.version(server.connect())).isEqualTo("1.2.3");
    }

    @Test
    void aDeadSocketIsReplaced() throws IOException {
        Files.createDirectories(server.dir.resolve("run"));
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(server.socket));
        }
        assertThat(server.socket).exists();

        server.start();

        assertThat(ServerFixture.version(server.connect())).isEqualTo("1.2.3");
    }

    @Test
    void aSymbolicLinkInTheWayIsRefusedAndLeft() throws IOException {
        Files.createDirectories(server.dir.resolve("run"));
        Files.createSymbolicLink(server.socket, server.dir.resolve("elsewhere"));

        refusesToStart("is a symbolic link");
        assertThat(server.socket).isSymbolicLink();
    }

    @Test
    void aFileInTheWayIsRefusedAndLeft() throws IOException {
        Files.createDirectories(server.dir.resolve("run"));
        Files.writeString(server.socket, "precious");

        refusesToStart("is no socket");
        assertThat(server.socket).hasContent("precious");
    }

    @Test
    void aSocketOfSomebodyElseIsRefusedAndLeft() throws IOException {
        Files.createDirectories(server.dir.resolve("run"));
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(server.socket));
        }
        org.junit.jupiter.api.Assumptions.assumeTrue(Directories.userId() == 0, "only root can give files away");
        Files.setAttribute(server.socket, "unix:uid", 4242, LinkOption.NOFOLLOW_LINKS);

        refusesToStart("belongs to user 4242");
        assertThat(server.socket).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "run"})
    void aFolderThatOthersMayWriteIsRefused(String name) throws IOException {
        Files.createDirectory(server.dir.resolve(name));
        Files.setPosixFilePermissions(server.dir.resolve(name), PosixFilePermissions.fromString("rwxrwx---"));

        refusesToStart("paths." + name + ": must be writable by its owner alone (got mode 0770");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(server.dir.resolve("state"), "");

        refusesToStart("paths.state: cannot make " + server.dir.resolve("state"));
    }

    @Test
    void aGroupThatThereIsNoneOfIsNamedAndNothingIsLeft() throws IOException {
        var c = server.config();
        var config = new HawseConfig(
                new HawseConfig.Listen(server.socket, "no-such-group"),
                c.containerd(),
                c.paths(),
                c.policy(),
                c.exec(),
                c.events(),
                c.server(),
                c.logs(),
                c.log());

        assertThatThrownBy(() -> server.start(config)).hasMessage("listen.group: there is no group no-such-group");
        try (var left = Files.list(server.dir.resolve("run"))) {
            assertThat(left.map(p -> Objects.toString(p.getFileName()))).containsExactly("h.sock.lock");
        }
    }

    @Test
    void anEngineThatCannotBeMadeLeavesNothing() {
        assertThatThrownBy(() -> HawseServer.start(server.config(), ServerFixture.BUILD, (_, _) -> {
                    throw new StartFailure("no engine");
                }))
                .hasMessage("no engine");
        assertThat(server.socket).doesNotExist();
        server.start();
    }
}
