package dev.hawse.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file, folder, link or other thing of a file system, held but not opened: safe to take hold of even where a
 * stranger made it a FIFO or a device.
 *
 * <p>What it stands for never changes, whatever the name is made to stand for meanwhile, and {@link #child} follows no
 * link: who walks down with it stays below where it began. Holds a descriptor until closed. Not for several threads.
 */
public final class Inode implements AutoCloseable {
    private static final int HOLD = LibC.O_PATH | LibC.O_CLOEXEC;
    private static final int CLOSED = -1;

    private final String what;
    private final Type type;
    private int number;

    /** What a name can stand for. */
    public enum Type {
        FILE,
        FOLDER,
        LINK,
        /** A device, a FIFO or a socket. */
        OTHER
    }

    private Inode(int number, String what) throws IOException {
        this.number = number;
        this.what = what;
        try {
            this.type = switch (LibC.status(number, what).type()) {
                case 0x8000 -> Type.FILE;
                case 0x4000 -> Type.FOLDER;
                case 0xa000 -> Type.LINK;
                default -> Type.OTHER;
            };
        } catch (IOException e) {
            LibC.close(number);
            throw e;
        }
    }

    /** Takes hold of what a trusted path stands for, links followed. */
    public static Inode hold(Path path) throws IOException {
        Sys.ensureAvailable();
        return new Inode(SysException.check(LibC.open(path.toString(), HOLD), "hold " + path), path.toString());
    }

    public Type type() {
        return type;
    }

    /** What a folder has under a name, one element without "/" that is neither "." nor ".."; null for nothing. */
    public @Nullable Inode child(String name) throws IOException {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("name: not a single element of a path (got " + name + ")");
        }
        int child = LibC.open(self() + "/" + name, HOLD | LibC.O_NOFOLLOW);
        if (child == -Errno.ENOENT || child == -Errno.ENAMETOOLONG) {
            return null;
        }
        String path = what + "/" + name;
        return new Inode(SysException.check(child, "hold " + path), path);
    }

    /** Where a link points to, as it was written. */
    public String linkText() throws IOException {
        return LibC.readLink(open(), what);
    }

    /** A file's bytes from its start, at most this many. */
    public byte[] read(int most) throws IOException {
        if (type != Type.FILE) {
            throw new IOException("read " + what + ": not a file (got " + type + ")");
        }
        try (var in = Files.newInputStream(Path.of(self()))) {
            return in.readNBytes(most);
        }
    }

    /** The first 16 bytes of an extended attribute, of a file or folder; null where there is none. */
    public byte @Nullable [] attribute(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(4096);
            int length = LibC.extendedAttribute(self(), name, value);
            if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
                return null;
            }
            SysException.check(length, "getxattr " + name + " of " + what);
            return value.asSlice(0, Math.min(length, 16)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public void close() {
        if (number != CLOSED) {
            LibC.close(number);
            number = CLOSED;
        }
    }

    @Override
    public String toString() {
        return what;
    }

    /** Leads to the very thing that is held: the kernel resolves it to the descriptor, not through a name. */
    private String self() {
        return "/proc/self/fd/" + open();
    }

    private int open() {
        if (number == CLOSED) {
            throw new IllegalStateException("inode: closed (got " + what + ")");
        }
        return number;
    }
}
