package dev.hawse.state;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** Single values, by name. */
final class Values {

    private Values() {}

    static Optional<String> get(Connection connection, String name) throws SQLException {
        try (var statement = connection.prepareStatement("SELECT value FROM value WHERE name = ?")) {
            statement.setString(1, name);
            try (var rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    static void put(Connection connection, String name, String value) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT OR REPLACE INTO value (name, value) VALUES (?, ?)")) {
            statement.setString(1, name);
            statement.setString(2, value);
            statement.executeUpdate();
        }
    }
}
