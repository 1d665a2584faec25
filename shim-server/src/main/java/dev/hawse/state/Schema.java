package dev.hawse.state;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables, by version: the file's {@code user_version} says how many of the steps it has been through. A step that was
 * released is never changed; a change is a further step.
 */
final class Schema {

    private static final String V1 = """
            CREATE TABLE exec (
              id TEXT PRIMARY KEY, container TEXT NOT NULL, runtime TEXT NOT NULL, request_hash TEXT, spec TEXT NOT NULL,
              state TEXT NOT NULL, pid INTEGER NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER,
              ended_at INTEGER, deadline INTEGER, exit TEXT, stdout_bytes INTEGER NOT NULL,
              stderr_bytes INTEGER NOT NULL, boot TEXT NOT NULL) STRICT;
            CREATE INDEX exec_ended ON exec (ended_at);
            CREATE TABLE request (
              method TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, result TEXT NOT NULL, ended_at INTEGER,
              created_at INTEGER NOT NULL, PRIMARY KEY (method, key)) STRICT;
            CREATE INDEX request_ended ON request (ended_at);
            CREATE INDEX request_result ON request (result);
            CREATE TABLE event (
              sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, written_at INTEGER NOT NULL, type TEXT NOT NULL,
              runtime TEXT NOT NULL, container TEXT, exec TEXT, image TEXT, exit TEXT) STRICT;
            CREATE INDEX event_written ON event (written_at);
            CREATE TABLE told (
              container TEXT PRIMARY KEY, runtime TEXT NOT NULL, phase TEXT NOT NULL, run INTEGER NOT NULL,
              at INTEGER NOT NULL) STRICT;
            CREATE TABLE value (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
            """;

    /** Times that no setting of the clock moves; in nanoseconds since the start of the host that {@code boot} names. */
    private static final String V2 = """
            ALTER TABLE exec ADD COLUMN started_since_boot INTEGER;
            ALTER TABLE exec ADD COLUMN deadline_since_boot INTEGER;
            """;

    private static final List<String> STEPS = List.of(V1, V2);

    /** What this server writes. */
    static final int VERSION = STEPS.size();

    private Schema() {}

    static int version(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA user_version")) {
            return rows.getInt(1);
        }
    }

    /** Takes a file through the steps that it has not been through, all of them or none. */
    static void migrate(Connection connection) throws SQLException {
        var from = version(connection);
        if (from == VERSION) {
            return;
        }
        try (var statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (var step : STEPS.subList(from, VERSION)) {
                statement.executeUpdate(step);
            }
            statement.execute("PRAGMA user_version = " + VERSION);
            statement.execute("COMMIT");
        }
    }
}
