package dev.hawse.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/** The file: found, made, migrated, refused or set aside. */
final class Database {

    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final String NAME = "state.db";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static boolean loaded;

    private final Path file;
    private final Clock clock;
    private boolean fresh;
    private @Nullable String warning;

    Database(Path dir, Clock clock) {
        this.file = dir.resolve(NAME);
        this.clock = clock;
    }

    Path dir() {
        return file.resolveSibling("");
    }

    /** Whether there was nothing to go on from. */
    boolean isFresh() {
        return fresh;
    }

    /** What an operator should know about how it was opened. */
    Optional<String> warning() {
        return Optional.ofNullable(warning);
    }

    /** The connection that writes, to a file with this version's tables. One that cannot be read is set aside first. */
    Connection open() throws StateException {
        loadDriver();
        if (isTruncated()) {
            setAside("it is empty");
        }
        try {
            return openAsItIs();
        } catch (SQLException e) {
            if (!isCorrupt(e)) {
                throw new StateException("cannot open " + file + ": " + describe(e), e);
            }
            setAside(describe(e));
        }
        try {
            return openAsItIs();
        } catch (SQLException e) {
            throw new StateException("cannot make " + file + ": " + describe(e), e);
        }
    }

    /** A connection that only reads. */
    Connection reader() throws SQLException {
        var connection = connect(file);
        execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    private Connection openAsItIs() throws SQLException, StateException {
        makeFile();
        var connection = connect(file);
        try {
            var version = Schema.version(connection);
            if (version > Schema.VERSION) {
                throw new StateException(file + " was written by a newer version of hawsed (its schema is " + version
                        + ", this one knows " + Schema.VERSION + "); start that one, or move the file away");
            }
            check(connection);
            execute(connection, "PRAGMA journal_mode = WAL");
            execute(connection, "PRAGMA journal_size_limit = 4194304");
            Schema.migrate(connection);
            return connection;
        } catch (SQLException | StateException e) {
            connection.close();
            throw e;
        }
    }

    private static Connection connect(Path file) throws SQLException {
        var properties = new Properties();
        properties.setProperty("busy_timeout", "5000");
        return DriverManager.getConnection("jdbc:sqlite:" + file, properties);
    }

    /** Every page is looked at: what is wrong shall come to light now, and not in the middle of a call. */
    private static void check(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            var found = rows.getString(1);
            if (!found.equals("ok")) {
                throw new SQLiteException(found, SQLiteErrorCode.SQLITE_CORRUPT);
            }
        }
    }

    /** Whole or not at all, so that an empty one is known to be damaged. The journals beside it take over its mode. */
    private void makeFile() throws SQLException, StateException {
        if (Files.exists(file)) {
            return;
        }
        var half = beside(".new");
        try {
            Files.deleteIfExists(half);
            Files.createFile(half, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (var connection = connect(half)) {
                Schema.migrate(connection);
            }
            Files.move(half, file);
            fresh = true;
        } catch (IOException e) {
            throw new StateException("cannot make " + file + ": " + e.getMessage(), e);
        }
    }

    /** SQLite would take it for a new one. */
    private boolean isTruncated() throws StateException {
        try {
            return Files.exists(file) && Files.size(file) == 0;
        } catch (IOException e) {
            throw new StateException("cannot look at " + file + ": " + e.getMessage(), e);
        }
    }

    private Path beside(String suffix) {
        return file.resolveSibling(NAME + suffix);
    }

    private void setAside(String why) throws StateException {
        var stamp = STAMP.format(clock.instant());
        try {
            // The file itself last: what is cut off half-way is set aside again, whole.
            for (var suffix : List.of("-wal", "-shm", "")) {
                if (Files.exists(beside(suffix))) {
                    Files.move(beside(suffix), beside(".corrupt-" + stamp + suffix));
                }
            }
        } catch (IOException e) {
            throw new StateException(file + " is damaged and cannot be moved away: " + e.getMessage(), e);
        }
        warning = file + " was damaged (" + why + ") and is now "
                + beside(".corrupt-" + stamp).getFileName()
                + "; request ids, records of commands and events from before are lost";
        log.error("{}", warning);
    }

    private static boolean isCorrupt(SQLException e) {
        return e instanceof SQLiteException sqlite
                && switch (primary(sqlite)) {
                    case SQLITE_CORRUPT, SQLITE_NOTADB -> true;
                    default -> false;
                };
    }

    /** Without what an extended code adds. */
    static SQLiteErrorCode primary(SQLiteException e) {
        return SQLiteErrorCode.getErrorCode(e.getResultCode().code & 0xff);
    }

    static String describe(SQLException e) {
        var message = String.valueOf(e.getMessage());
        return message.lines().collect(Collectors.joining(" "));
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * The driver unpacks its library where nobody else can put one, since /run and /tmp may forbid execution or be
     * anybody's; what a server that was killed left there goes.
     */
    private void loadDriver() throws StateException {
        var unpacked = dir().resolve("native");
        synchronized (Database.class) {
            try {
                if (loaded) {
                    return;
                }
                clear(unpacked);
                Files.createDirectories(unpacked);
                System.setProperty("org.sqlite.tmpdir", unpacked.toString());
                SQLiteJDBCLoader.initialize();
                clear(unpacked);
                loaded = true;
            } catch (Exception e) {
                throw new StateException("cannot load SQLite by way of " + unpacked + ": " + e.getMessage(), e);
            }
        }
    }

    private static void clear(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            return;
        }
        try (var files = Files.list(dir)) {
            for (var one : files.toList()) {
                Files.delete(one);
            }
        }
        Files.delete(dir);
    }
}
