package dev.hawse.sys;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/**
 * Makes and opens named pipes. No call blocks, whether a peer is there or not; none follows a symbolic link in the last
 * element of the path, and none accepts anything but a FIFO that this process' effective user owns. Safe from any
 * thread. Failures are {@link SysException}s that name the path.
 *
 * <p>To have end of file exactly when the last writer of a peer closes, open the guard first, then the end itself, let
 * the peer open its own, and close the guard afterwards. Without the guard a reader sees end of file before the first
 * writer came, and a writer cannot be opened at all before the first reader ({@code ENXIO}).
 */
public final class Fifo {
    private static final int MODE = 0600;

    private Fifo() {}

    /** Makes a FIFO that its owner alone can read and write, whatever the process' umask is. */
    public static void create(Path path) throws IOException {
        String name = nameOf(path);
        SysException.check(LibC.mkfifo(name, MODE), "mkfifo " + path);
        // Only a umask that takes rights from the owner makes a difference; then the mode is set through the descriptor
        // of the very FIFO, as the name could stand for another file by now. (fchmod refuses an O_PATH descriptor.)
        String attempt = "chmod 0600 " + path;
        int number = SysException.check(LibC.open(name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC), attempt);
        try (Fd fd = new Fd(number, path.toString())) {
            LibC.FileStatus status = ownFifo(fd, number);
            if (status.permissions() != MODE) {
                SysException.check(LibC.chmod("/proc/self/fd/" + number, MODE), attempt);
            }
        }
    }

    /** Opens both directions: while this is open, readers see no end of file and writers no {@code EPIPE}. */
    public static Fd openReadWriteGuard(Path path) throws IOException {
        return open(path, LibC.O_RDWR, "guard");
    }

    /** Opens the reading end. */
    public static Fd openReader(Path path) throws IOException {
        return open(path, LibC.O_RDONLY, "reader");
    }

    /** Opens the writing end; {@code ENXIO} when neither a reader nor a guard is there. */
    public static Fd openWriter(Path path) throws IOException {
        return open(path, LibC.O_WRONLY, "writer");
    }

    private static Fd open(Path path, int direction, String role) throws IOException {
        String name = nameOf(path);
        int flags = direction | LibC.O_NONBLOCK | LibC.O_CLOEXEC | LibC.O_NOFOLLOW;
        int number = SysException.check(LibC.open(name, flags), "open " + role + " " + path);
        Fd fd = new Fd(number, role + " " + path);
        try {
            ownFifo(fd, number);
            return fd;
        } catch (IOException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static LibC.FileStatus ownFifo(Fd fd, int number) throws IOException {
        LibC.FileStatus status = LibC.status(number, fd.toString());
        if (!status.isFifo()) {
            throw new IOException(fd + ": not a FIFO (got file mode 0" + Integer.toOctalString(status.mode()) + ")");
        }
        if (status.uid() != LibC.geteuid()) {
            throw new IOException(fd + ": foreign owner (got uid " + Integer.toUnsignedString(status.uid())
                    + "), allowed is uid " + Integer.toUnsignedString(LibC.geteuid()));
        }
        return status;
    }

    private static String nameOf(Path path) {
        Sys.ensureAvailable();
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    "path: not of the host's file system (got " + path.toUri() + "), allowed is a plain path");
        }
        return path.toString();
    }
}
