package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What callers should not send, to a real server on a real unix socket, with an engine in memory. */
@Timeout(60)
class BadInputsTest {

    @TempDir
    private Path dir;

    private ServerFixture server;
    private Stranger stranger;

    @BeforeEach
    void open() {
        server = new ServerFixture(dir);
        server.start();
        stranger = new Stranger(server.socket, "busybox", "hold");
    }

    @AfterEach
    void close() {
        stranger.close();
        server.close();
    }

    static Stream<BadInput> rows() {
        return Stream.of(BadNames.rows(), BadSpecs.rows(), BadMounts.rows(), BadFrames.rows())
                .flatMap(List::stream);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void isAnsweredAndHarmsNobody(BadInput input) {
        input.check(stranger);

        assertThat(ServerFixture.version(server.connect())).isEqualTo("1.2.3");
        assertThat(stranger.count()).as("containers that the input made").isEqualTo(stranger.made());
    }
}
