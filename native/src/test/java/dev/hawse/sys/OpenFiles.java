package dev.hawse.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Counts this process' open descriptors, the one of the counting itself included. */
final class OpenFiles {
    private OpenFiles() {}

    static long count() throws IOException {
        try (Stream<Path> numbers = Files.list(Path.of("/proc/self/fd"))) {
            return numbers.count();
        }
    }
}
