package dev.hawse.state;

import static dev.hawse.state.Records.get;
import static dev.hawse.state.Records.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StateStoreTest {

    private final MovingClock clock = new MovingClock();

    @TempDir
    private Path dir;

    private StateStore open() throws StateException {
        return StateStore.open(dir, clock);
    }

    private Path file() {
        return dir.resolve("state.db");
    }

    private void sql(String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            for (var statement : statements) {
                Database.execute(connection, statement);
            }
        }
    }

    private void fill() throws StateException {
        try (var store = open()) {
            for (int i = 0; i < 2000; i++) {
                var _ = store.execs().begin(pending("e" + i, null), null);
            }
        }
    }

    private List<String> names() throws Exception {
        try (var files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void everyFileIsTheServersAlone() throws Exception {
        try (var store = open()) {
            get(store.execs().begin(pending("e1", null), null));
            assertThat(names()).containsExactly("state.db", "state.db-shm", "state.db-wal");
            for (var name : names()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(name))))
                        .isEqualTo("rw-------");
            }
        }
        assertThat(names()).containsExactly("state.db");
    }

    @Test
    void aFileOfAnOlderVersionIsMigrated() throws Exception {
        // The oldest there can be: a database without a table.
        sql("CREATE TABLE t (x)", "DROP TABLE t", "PRAGMA user_version = 0");
        try (var store = open()) {
            get(store.execs().begin(pending("e1", null), null));
            assertThat(store.warning()).isEmpty();
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            assertThat(Schema.version(connection)).isEqualTo(Schema.VERSION);
        }
    }

    @Test
    void aFileOfANewerVersionIsRefusedAndLeftAlone() throws Exception {
        fill();
        sql("PRAGMA user_version = " + (Schema.VERSION + 1));
        var before = Files.readAllBytes(file());
        assertThatThrownBy(this::open)
                .isInstanceOf(StateException.class)
                .hasMessageContaining("newer version")
                .hasMessageContaining(file().toString());
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
        assertThat(names()).containsExactly("state.db");
    }

    @Test
    void whatIsNoDatabaseIsSetAside() throws Exception {
        Files.writeString(file(), "this is not a database, whatever its name says\n".repeat(100));
        assertIsSetAside();
    }

    @Test
    void anEmptyFileIsSetAside() throws Exception {
        Files.createFile(file());
        assertIsSetAside();
    }

    @Test
    void aFileThatWasCutOffIsSetAside() throws Exception {
        fill();
        try (var half = new RandomAccessFile(file().toFile(), "rw")) {
            half.setLength(half.length() / 2);
        }
        assertIsSetAside();
    }

    @Test
    void aFileWithADamagedPageIsSetAside() throws Exception {
        fill();
        try (var damaged = new RandomAccessFile(file().toFile(), "rw")) {
            for (long page = 2; page * 4096 < damaged.length(); page += 5) {
                damaged.seek(page * 4096);
                damaged.write(new byte[500]);
            }
        }
        assertIsSetAside();
    }

    private void assertIsSetAside() throws Exception {
        var damaged = Files.readAllBytes(file());
        try (var store = open()) {
            assertThat(store.warning())
                    .hasValueSatisfying(
                            w -> assertThat(w).contains("was damaged", "state.db.corrupt-20261121T100000.123Z"));
            assertThat(store.execs().all()).isEmpty();
            get(store.execs().begin(pending("new", null), null));
        }
        assertThat(Files.readAllBytes(dir.resolve("state.db.corrupt-20261121T100000.123Z")))
                .isEqualTo(damaged);
        try (var store = open()) {
            assertThat(store.warning()).isEmpty();
            assertThat(store.execs().all()).hasSize(1);
        }
    }

    @Test
    void aJournalThatWasTornLosesItsTailAlone(@TempDir Path other) throws Exception {
        try (var store = open()) {
            get(store.execs().begin(pending("e1", null), null));
            get(store.execs().begin(pending("e2", null), null));
            Files.copy(file(), other.resolve("state.db"));
            var journal = Files.readAllBytes(dir.resolve("state.db-wal"));
            Files.write(other.resolve("state.db-wal"), java.util.Arrays.copyOf(journal, journal.length - 100));
        }
        try (var store = StateStore.open(other, clock)) {
            assertThat(store.execs().all()).extracting(ExecRecord::id).containsExactly("e1");
            assertThat(store.warning()).isEmpty();
        }
    }

    @Test
    void aStartThatWasKilledWhileItMadeTheFileIsTakenUpAgain() throws Exception {
        Files.writeString(dir.resolve("state.db.new"), "half of it");
        try (var store = open()) {
            assertThat(store.warning()).isEmpty();
        }
        assertThat(names()).containsExactly("state.db");
    }

    @Test
    void aDirectoryThatIsNotThereIsAnErrorWithItsName() {
        assertThatThrownBy(() -> StateStore.open(dir.resolve("none"), clock))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("none");
    }
}
