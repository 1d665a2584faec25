package dev.hawse.state;

import static dev.hawse.state.Records.get;
import static dev.hawse.state.Records.pending;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store on a disk of its own, which fills up. Needs root. */
@Timeout(60)
class StateDiskIT {

    @TempDir
    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    @Test
    void aFullDiskRefusesWritesAndNothingElse() throws Exception {
        try (var store = StateStore.open(disk)) {
            var written = new ArrayList<String>();
            get(store.execs().begin(pending("before", null), null));
            written.add("before");
            Files.write(disk.resolve("ballast"), new byte[3 << 20]);
            var failure = writeUntilItFails(store, written);
            assertThat(failure.reason()).isEqualTo(Reason.STATE_FULL);
            assertThat(failure).hasMessageContaining("no space in " + disk);
            assertThat(ids(store)).containsExactlyInAnyOrderElementsOf(written);

            Files.delete(disk.resolve("ballast"));
            get(store.execs().begin(pending("after", null), null));
            written.add("after");
            assertThat(ids(store)).containsExactlyInAnyOrderElementsOf(written);
            assertIsWhole();
        }
        try (var store = StateStore.open(disk)) {
            assertThat(store.warning()).isEmpty();
            assertThat(ids(store)).contains("before", "after");
        }
    }

    private static RuntimeFailure writeUntilItFails(StateStore store, List<String> written) {
        for (int i = 0; i < 10_000; i++) {
            try {
                get(store.execs().begin(pending("e" + i, null), null));
                written.add("e" + i);
            } catch (RuntimeFailure e) {
                return e;
            }
        }
        throw new AssertionError("the disk never fills up");
    }

    private static List<String> ids(StateStore store) {
        return store.execs().all().stream().map(ExecRecord::id).toList();
    }

    private void assertIsWhole() throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + disk.resolve("state.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA integrity_check")) {
            assertThat(rows.getString(1)).isEqualTo("ok");
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
