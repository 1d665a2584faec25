package dev.hawse.state;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Statements with their values. Instants are nanoseconds since 1970, which lasts until 2262; durations are nanoseconds. */
final class Sql {

    private Sql() {}

    /** Makes a row into a value. */
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Changes rows, and says how many. */
    static int update(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    static <T> List<T> list(Connection connection, Row<T> row, String sql, @Nullable Object... values)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            try (var rows = statement.executeQuery()) {
                var out = new ArrayList<T>();
                while (rows.next()) {
                    out.add(row.of(rows));
                }
                return out;
            }
        }
    }

    /** The one number that a statement answers, 0 when there is none. */
    static long number(Connection connection, String sql, @Nullable Object... values) throws SQLException {
        var found = list(connection, row -> row.getLong(1), sql, values);
        return found.isEmpty() ? 0 : found.getFirst();
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            var value = switch (values[i]) {
                case Instant instant -> nanos(instant);
                case Duration duration -> duration.toNanos();
                case null -> null;
                default -> values[i];
            };
            statement.setObject(i + 1, value);
        }
    }

    static long nanos(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return instant(row.getLong(column));
    }

    static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
        var nanos = row.getLong(column);
        return row.wasNull() ? null : instant(nanos);
    }

    static @Nullable Duration optionalDuration(ResultSet row, String column) throws SQLException {
        var nanos = row.getLong(column);
        return row.wasNull() ? null : Duration.ofNanos(nanos);
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }
}
