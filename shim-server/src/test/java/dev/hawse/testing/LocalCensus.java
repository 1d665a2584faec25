package dev.hawse.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * What a server on this machine holds outside of containerd: files in its folder, open descriptors, threads, and mounts of
 * its containers.
 */
public record LocalCensus(List<String> things) {

    public static final LocalCensus NOTHING = new LocalCensus(List.of());

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    public LocalCensus {
        things = List.copyOf(things);
    }

    /**
     * Counts.
     *
     * @param dir the server's folder
     * @param namespace containerd's, by which mounts are known
     */
    public static LocalCensus take(Path dir, String namespace) {
        var things = new ArrayList<String>();
        try {
            files(dir, things);
            descriptors(dir, things);
            threads(things);
            Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .filter(line -> line.contains("/" + namespace + "/"))
                    .forEach(line -> things.add("mount " + line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LocalCensus(things);
    }

    /** Fails when there is more than before, after a while in which it may go. */
    public static void expectNothingBeyond(LocalCensus before, Path dir, String namespace) {
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .untilAsserted(() -> assertThat(take(dir, namespace).without(before))
                        .as("what the test left on our side")
                        .isEmpty());
    }

    private List<String> without(LocalCensus other) {
        var rest = new ArrayList<>(things);
        other.things.forEach(rest::remove);
        return rest;
    }

    private static void files(Path dir, List<String> things) throws IOException {
        try (var files = Files.walk(dir)) {
            files.forEach(file -> things.add("file " + file));
        }
    }

    /** Those that have no name are told by their kind: which of them is whose cannot be seen. */
    private static void descriptors(Path dir, List<String> things) throws IOException {
        try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (var fd : fds) {
                try {
                    var target = Files.readSymbolicLink(fd).toString();
                    if (target.startsWith(dir.toString())) {
                        things.add("descriptor " + target);
                    } else if (!target.startsWith("/")) {
                        things.add("descriptor " + target.replaceAll("\\[[0-9]+]", ""));
                    }
                } catch (NoSuchFileException e) {
                    // The stream's own descriptor, or one that was closed just now.
                }
            }
        }
    }

    private static void threads(List<String> things) {
        for (var thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().matches("(hawse|containerd)-.*")) {
                things.add("thread " + thread.getName().replaceAll("[0-9]+", "n"));
            }
        }
    }
}
