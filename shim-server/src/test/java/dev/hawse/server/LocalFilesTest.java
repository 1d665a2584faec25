package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.server.config.ConfigException;
import dev.hawse.server.config.ConfigLoader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody put in the server's way on its own disk, and that it does not start over it. */
@Timeout(60)
class LocalFilesTest {

    @TempDir
    private Path dir;

    private ServerFixture server;

    @BeforeEach
    void open() throws IOException {
        server = new ServerFixture(dir);
        folder(dir.resolve("run"), "rwxr-x---");
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Puts something in the way. */
    interface Obstacle {
        void put(ServerFixture server) throws IOException;
    }

    /**
     * Something in the way.
     *
     * @param what a sentence's beginning
     * @param message a part of what the server says
     */
    record Row(String cases, String what, String message, Obstacle obstacle) {
        @Override
        public String toString() {
            return "case " + cases + ": a server does not start over " + what;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                new Row(
                        "106",
                        "a link where its socket should be",
                        "is a symbolic link",
                        s -> Files.createSymbolicLink(s.socket, s.dir.resolve("elsewhere"))),
                new Row("106", "a link to a socket that is dead", "is a symbolic link", s -> {
                    deadSocket(s.dir.resolve("dead"));
                    Files.createSymbolicLink(s.socket, s.dir.resolve("dead"));
                }),
                new Row(
                        "106",
                        "a file where its socket should be",
                        "is no socket",
                        s -> Files.writeString(s.socket, "precious")),
                new Row(
                        "106",
                        "a folder where its socket should be",
                        "is no socket",
                        s -> Files.createDirectory(s.socket)),
                new Row("106", "a socket of somebody else", "belongs to user 4242", s -> {
                    deadSocket(s.socket);
                    Files.setAttribute(s.socket, "unix:uid", 4242, LinkOption.NOFOLLOW_LINKS);
                }),
                new Row(
                        "107",
                        "a server that lives",
                        "already running, pid " + ProcessHandle.current().pid(),
                        s -> s.start()),
                new Row(
                        "108",
                        "a state that its group may write",
                        "paths.state: must be writable by its owner alone",
                        s -> folder(s.dir.resolve("state"), "rwxrwx---")),
                new Row(
                        "108",
                        "a state that everybody may write",
                        "(got mode 0777 of ",
                        s -> folder(s.dir.resolve("state"), "rwxrwxrwx")),
                new Row(
                        "108",
                        "a state of somebody else",
                        "paths.state: must belong to the user that runs the server",
                        s -> {
                            folder(s.dir.resolve("state"), "rwx------");
                            Files.setAttribute(s.dir.resolve("state"), "unix:uid", 4242);
                        }),
                new Row(
                        "108",
                        "a run directory that its group may write",
                        "paths.run: must be writable by its owner",
                        s -> Files.setPosixFilePermissions(
                                s.dir.resolve("run"), PosixFilePermissions.fromString("rwxrwx---"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void itDoesNotStartAndTouchesNothing(Row row) throws IOException {
        row.obstacle().put(server);
        var before = listing();

        assertThatThrownBy(server::start).isInstanceOf(StartFailure.class).hasMessageContaining(row.message());

        assertThat(listing()).containsAll(before);
    }

    @ParameterizedTest(name = "case 110: a configuration of mode {0} is refused: whoever writes it is root here")
    @ValueSource(strings = {"rw-rw-r--", "rw-r--rw-", "rwxrwxrwx"})
    void configurationsThatOthersMayWriteAreRefused(String mode) throws IOException {
        var file = Files.writeString(dir.resolve("config.toml"), "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + ": must be writable by its owner alone; chmod go-w " + file);
    }

    private List<String> listing() throws IOException {
        try (var files = Files.walk(dir)) {
            return files.map(Path::toString).toList();
        }
    }

    private static void folder(Path path, String permissions) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static void deadSocket(Path path) throws IOException {
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
    }
}
