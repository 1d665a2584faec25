package dev.hawse.server.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * Which build this is, as the build wrote it down.
 *
 * @param version as "0.1.0"
 * @param commit empty when not known
 */
public record BuildInfo(String version, String commit) {

    /** Of the running program. */
    public static BuildInfo current() {
        var properties = new Properties();
        try (var in = BuildInfo.class.getResourceAsStream("build.properties")) {
            properties.load(Objects.requireNonNull(in, "build.properties is not in the jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BuildInfo(properties.getProperty("version", ""), properties.getProperty("commit", ""));
    }

    @Override
    public String toString() {
        return commit.isEmpty() ? version : version + " (" + commit + ")";
    }
}
