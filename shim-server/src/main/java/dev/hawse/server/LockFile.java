package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that only one process at a time may have, until it closes it or dies. The file stays: removing it could take
 * it from under the feet of who comes next.
 */
final class LockFile implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LockFile.class);

    private final FileChannel channel;

    private LockFile(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws StartFailure when another process has it */
    static LockFile acquire(Path file, String what) {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    file,
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new StartFailure("cannot open the lock " + file + ": " + Directories.describe(e), e);
        }
        try {
            if (tryLock(channel)) {
                channel.truncate(0);
                channel.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
                return new LockFile(channel);
            }
            var holder = holder(channel);
            channel.close();
            throw new StartFailure(what + " is in use by another server" + holder);
        } catch (IOException e) {
            throw new StartFailure("cannot lock " + file + ": " + Directories.describe(e), e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        var bytes = ByteBuffer.allocate(20);
        channel.read(bytes, 0);
        var pid = UTF_8.decode(bytes.flip()).toString().strip();
        return pid.matches("\\d+") ? ", pid " + pid : "";
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            log.warn("a lock could not be released, and goes with the process: {}", e.getMessage());
        }
    }
}
