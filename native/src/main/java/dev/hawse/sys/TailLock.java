package dev.hawse.sys;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A lock on a file from some byte on, which other processes ask for or wait for by fcntl. Nothing here blocks.
 *
 * <p>It belongs to the open file, not to the process, so that no other descriptor's end takes it away; the kernel drops it
 * when this is closed or this process ends, however that comes. Calls from several threads are serialised.
 */
public final class TailLock implements AutoCloseable {
    private static final short WRITE = 1;
    private static final short NONE = 2;
    private static final int OPEN = LibC.O_RDWR | LibC.O_CLOEXEC | LibC.O_NOFOLLOW;

    private final Fd fd;

    private TailLock(Fd fd) {
        this.fd = fd;
    }

    /** Nothing locked yet, of a file that is made when it is not there. */
    public static TailLock open(Path path) throws IOException {
        Sys.ensureAvailable();
        try {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // Of an earlier one.
        }
        return new TailLock(
                new Fd(SysException.check(LibC.open(path.toString(), OPEN), "open " + path), path.toString()));
    }

    /** Locks from this byte on, and nothing before it. Answers false, with nothing changed, when another one is in the way. */
    public boolean from(long start) throws IOException {
        fd.lock();
        try {
            int result = LibC.lock(fd.number(), WRITE, start, 0);
            if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
                return false;
            }
            SysException.check(result, "lock " + fd);
            if (start > 0) {
                SysException.check(LibC.lock(fd.number(), NONE, 0, start), "unlock " + fd);
            }
            return true;
        } finally {
            fd.unlock();
        }
    }

    /** Locks nothing any more. */
    public void release() throws IOException {
        fd.lock();
        try {
            SysException.check(LibC.lock(fd.number(), NONE, 0, 0), "unlock " + fd);
        } finally {
            fd.unlock();
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
