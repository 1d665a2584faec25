package dev.hawse.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The program that writes logs, carried in this jar for the architecture that it was built on. */
public final class LoggerProgram {
    private static final String RESOURCE = "hawse-logger-" + System.getProperty("os.arch");

    private LoggerProgram() {}

    /**
     * Puts the program into a folder, which is made with mode 0700 when it is not there, and returns its path. The name tells
     * the content, so that one of another version that still runs is left alone; whole, or not there at all.
     *
     * @throws IOException where there is none for this machine, or the folder takes none
     */
    public static Path install(Path folder) throws IOException {
        byte[] program;
        try (var in = LoggerProgram.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException(
                        "this build has no " + RESOURCE + ": it is made on a machine of that architecture");
            }
            program = in.readAllBytes();
        }
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path path = folder.resolve("hawse-logger-" + digest(program));
        if (Files.isExecutable(path) && Files.size(path) == program.length) {
            return path;
        }
        Path fresh = Files.createTempFile(
                folder,
                "hawse-logger-",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.write(fresh, program);
            return Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
