package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.api.runtime.v1.Event;
import dev.hawse.api.runtime.v1.EventServiceGrpc;
import dev.hawse.api.runtime.v1.GetInfoRequest;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.runtime.RuntimeEvent;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the server's own state from one life to the next. */
@Timeout(60)
class StateTest {

    @TempDir
    private Path dir;

    private ServerFixture server;

    @BeforeEach
    void open() throws Exception {
        Files.createDirectory(
                dir.resolve("state"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        server = new ServerFixture(dir);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Path file() {
        return dir.resolve("state/state.db");
    }

    private List<Event> watch(long from, int count) {
        var frames = EventServiceGrpc.newBlockingStub(server.connect())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .watchEvents(
                        WatchEventsRequest.newBuilder().setFromSequence(from).build());
        frames.next();
        var events = new ArrayList<Event>();
        while (events.size() < count) {
            events.add(frames.next().getEvent());
        }
        return events;
    }

    private long next() {
        return EventServiceGrpc.newBlockingStub(server.connect())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .watchEvents(WatchEventsRequest.getDefaultInstance())
                .next()
                .getStarted()
                .getNextSequence();
    }

    @Test
    void aWatcherGoesOnInTheNextLifeWhereItWas() throws Exception {
        List<Event> before;
        long from;
        try (var _ = server.start()) {
            from = next();
            server.runtime.tell(RuntimeEvent.Type.IMAGE_UPDATED, null, null, "one", null);
            server.runtime.tell(RuntimeEvent.Type.IMAGE_UPDATED, null, null, "two", null);
            before = watch(from, 2);
        }
        try (var _ = server.start()) {
            server.runtime.tell(RuntimeEvent.Type.IMAGE_UPDATED, null, null, "three", null);
            var all = watch(from, 3);
            assertThat(all.subList(0, 2)).isEqualTo(before);
            assertThat(all.get(2).getImage()).isEqualTo("three");
            assertThat(all.get(2).getSequence()).isGreaterThan(before.get(1).getSequence());
            assertThat(watch(before.get(1).getSequence() + 1, 1)).isEqualTo(all.subList(2, 3));
        }
    }

    @Test
    void aServerWhoseStateIsDamagedServesAndSaysSo() throws Exception {
        Files.writeString(file(), "no database ".repeat(1000));
        server.start();
        var channel = server.connect();
        assertThat(RuntimeServiceGrpc.newBlockingStub(channel)
                        .getInfo(GetInfoRequest.getDefaultInstance())
                        .getWarningsList())
                .singleElement()
                .asString()
                .contains("was damaged", "state.db.corrupt-");
        assertThat(HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void stateOfANewerVersionIsRefused() throws Exception {
        server.start().close();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 999");
        }
        assertThatThrownBy(server::start)
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("paths.state")
                .hasMessageContaining("newer version");
    }
}
