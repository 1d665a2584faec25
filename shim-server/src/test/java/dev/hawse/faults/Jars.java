package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/**
 * This JVM's class path with jars in place of folders, as the product has it: from a folder each class is opened when it is
 * needed first, which fails for good when that is while no file can be opened.
 */
final class Jars {

    private Jars() {}

    /** Writes the jars into a folder, and answers the class path. */
    static String of(Path folder) throws IOException {
        Files.createDirectories(folder);
        return List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).stream()
                // One behind the last separator would stand for the working folder.
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .map(entry -> Files.isDirectory(entry) ? jar(entry, folder) : entry)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path jar(Path classes, Path folder) {
        var jar = folder.resolve(Integer.toHexString(classes.hashCode()) + ".jar");
        var tool = ToolProvider.findFirst("jar").orElseThrow();
        assertThat(tool.run(
                        System.out,
                        System.err,
                        "--create",
                        "--no-compress",
                        "--file=" + jar,
                        "-C",
                        classes.toString(),
                        "."))
                .isZero();
        return jar;
    }
}
