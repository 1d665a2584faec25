package dev.hawse.stream;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where one container's log lies: files with growing numbers, of which the oldest go. There may be none. */
record LogFolder(Path path) {

    private static final Pattern NAME = Pattern.compile("([0-9]{10,18})\\.log");
    private static final int REMOVALS = 5;

    void make() throws IOException {
        Files.createDirectories(
                path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    boolean isThere() {
        return Files.isDirectory(path);
    }

    Path file(long number) {
        return path.resolve(String.format(Locale.ROOT, "%010d.log", number));
    }

    /** Where the writer sees which files a reader needs. */
    Path reader() {
        return path.resolve("reader");
    }

    /** The numbers of the files that there are, ascending. */
    long[] numbers() throws IOException {
        try (var files = Files.list(path)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(name -> name.matches())
                    .mapToLong(name -> Long.parseLong(name.group(1)))
                    .sorted()
                    .toArray();
        } catch (NoSuchFileException e) {
            return new long[0];
        }
    }

    /** The oldest that is younger than this one; 0 when none is. */
    long next(long number) throws IOException {
        return Arrays.stream(numbers()).filter(n -> n > number).findFirst().orElse(0);
    }

    /** Takes everything away. Who reads it still may go on. */
    void remove() throws IOException {
        for (int attempt = 1; Files.exists(path); attempt++) {
            try (var files = Files.newDirectoryStream(path)) {
                for (var file : files) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(path);
            } catch (DirectoryNotEmptyException e) {
                // The program may begin a file at its end.
                if (attempt == REMOVALS) {
                    throw e;
                }
            }
        }
    }
}
