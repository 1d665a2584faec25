package dev.hawse.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Makes the server's own folders, and refuses those that others could put things into. */
final class Directories {

    private static final int WRITABLE_BY_GROUP_OR_OTHERS = 0022;
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int STICKY = 01000;

    private Directories() {}

    /** A folder that is the server's alone: made with these permissions, or found and not writable by anybody else. */
    static void own(Path dir, String permissions, String key) {
        make(dir, permissions, key);
        var mode = attribute(dir, "unix:mode", key);
        if ((mode & WRITABLE_BY_GROUP_OR_OTHERS) != 0) {
            throw new StartFailure(String.format(
                    "%s: must be writable by its owner alone (got mode %04o of %s); chmod go-w %s",
                    key, mode & 07777, dir, dir));
        }
        var owner = attribute(dir, "unix:uid", key);
        if (owner != userId()) {
            throw new StartFailure(key + ": must belong to the user that runs the server, " + userId() + " (got "
                    + owner + " for " + dir + ")");
        }
    }

    /** A folder to put a socket into; others may use it as they do /tmp, if they cannot take away what is not theirs. */
    static void shared(Path dir, String key) {
        make(dir, "rwxr-x---", key);
        var mode = attribute(dir, "unix:mode", key);
        if ((mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0) {
            throw new StartFailure(
                    key + ": anybody could replace a socket in " + dir + "; chmod o-w " + dir + ", or choose another");
        }
    }

    /** The user that runs this process. */
    static int userId() {
        return attribute(Path.of("/proc/self"), "unix:uid", "/proc");
    }

    private static void make(Path dir, String permissions, String key) {
        try {
            if (!Files.isDirectory(dir)) {
                var wanted = PosixFilePermissions.fromString(permissions);
                Files.createDirectories(dir, PosixFilePermissions.asFileAttribute(wanted));
                Files.setPosixFilePermissions(dir, wanted);
            }
        } catch (IOException e) {
            throw new StartFailure(key + ": cannot make " + dir + ": " + describe(e), e);
        }
    }

    private static int attribute(Path dir, String name, String key) {
        try {
            return (Integer) Files.getAttribute(dir, name);
        } catch (IOException e) {
            throw new StartFailure(key + ": cannot look at " + dir + ": " + describe(e), e);
        }
    }

    /** What went wrong, in words; the JDK's messages are often only the path. */
    static String describe(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            case java.nio.file.FileAlreadyExistsException exists -> exists.getFile() + " is in the way, and no folder";
            case java.nio.file.NoSuchFileException none -> none.getFile() + " is not there";
            case java.nio.file.FileSystemException other
            when other.getReason() != null -> String.valueOf(other.getReason());
            default -> String.valueOf(e.getMessage());
        };
    }
}
