package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The C library calls in use, each with the kernel's own convention: a result below zero is a negated error number.
 * Calls are repeated on EINTR, except close. Safe from any thread; loading fails where a symbol is missing.
 *
 * <p>None of them is linked as "critical", although that would spare a copy from the heap: the peer of a pipe may be a
 * process that its cgroup throttles while it holds the pipe's lock, and a critical call that waits for it would keep
 * every thread of this process from its next safepoint. The copy is 0.7 µs for 64 KiB.
 */
final class LibC {
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;
    static final int O_NOFOLLOW = System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x20000;

    static final int F_SETPIPE_SZ = 1031;
    static final int F_GETPIPE_SZ = 1032;

    static final int F_OFD_SETLK = 37;
    private static final long FIONREAD = 0x541B;

    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;

    private static final int CLOCK_BOOTTIME = 7;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int FLOCK_SIZE = 32;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_SIZE = 256;
    // struct statx has one layout on every architecture, which struct stat has not.
    private static final long STX_UID = 20;
    private static final long STX_MODE = 28;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private static final MethodHandle OPEN =
            call("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), variadicFrom(2));
    private static final MethodHandle MKFIFO = call("mkfifo", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CHMOD = call("chmod", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle STATX =
            call("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle READLINKAT =
            call("readlinkat", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle GETXATTR =
            call("getxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle FCNTL =
            call("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), variadicFrom(2));
    private static final MethodHandle FCNTL_LOCK =
            call("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS), variadicFrom(2));
    private static final MethodHandle IOCTL =
            call("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), variadicFrom(2));
    private static final MethodHandle READ =
            call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EVENTFD = call("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CREATE1 = call("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CTL =
            call("epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_WAIT =
            call("epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle INOTIFY_INIT1 = call("inotify_init1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle INOTIFY_ADD_WATCH =
            call("inotify_add_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle INOTIFY_RM_WATCH =
            call("inotify_rm_watch", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle KILL = call("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOCK_GETTIME =
            call("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle GETEUID = link("geteuid", FunctionDescriptor.of(JAVA_INT));

    private LibC() {}

    /** Type, permission bits and owner of an open file. */
    record FileStatus(int mode, int uid) {
        boolean isFifo() {
            return type() == 0x1000;
        }

        /** The S_IFMT bits. */
        int type() {
            return mode & 0xf000;
        }

        int permissions() {
            return mode & 0xfff;
        }
    }

    static int open(String path, int flags) {
        return onPath(path, (scratch, name) -> (int) OPEN.invokeExact(scratch.errno, name, flags, 0));
    }

    static int mkfifo(String path, int mode) {
        return onPath(path, (scratch, name) -> (int) MKFIFO.invokeExact(scratch.errno, name, mode));
    }

    static int chmod(String path, int mode) {
        return onPath(path, (scratch, name) -> (int) CHMOD.invokeExact(scratch.errno, name, mode));
    }

    static FileStatus status(int fd, String what) throws SysException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment out = scratch.bytes.asSlice(0, STATX_SIZE);
            MemorySegment emptyPath = scratch.bytes.asSlice(STATX_SIZE, 1).fill((byte) 0);
            int result = retry(scratch, s ->
                    (int) STATX.invokeExact(s.errno, fd, emptyPath, AT_EMPTY_PATH, STATX_BASIC_STATS, out));
            SysException.check(result, "statx " + what);
            return new FileStatus(
                    Short.toUnsignedInt(out.get(ValueLayout.JAVA_SHORT, STX_MODE)), out.get(JAVA_INT, STX_UID));
        }
    }

    /** The text of the link that this descriptor, opened without following it, stands for. */
    static String readLink(int fd, String what) throws SysException {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment emptyPath = scratch.bytes.asSlice(0, 1).fill((byte) 0);
            MemorySegment out = scratch.bytes.asSlice(Long.BYTES);
            int length = retry(
                    scratch, s -> (int) (long) READLINKAT.invokeExact(s.errno, fd, emptyPath, out, out.byteSize()));
            SysException.check(length, "readlink " + what);
            return new String(out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    /** The length of an extended attribute whose first bytes go to the target. */
    static int extendedAttribute(String path, String attribute, MemorySegment target) {
        try (Scratch names = Scratch.take()) {
            @Nullable MemorySegment name = names.string(attribute);
            return name == null
                    ? -Errno.ENAMETOOLONG
                    : onPath(path, (scratch, file) ->
                            (int) (long) GETXATTR.invokeExact(scratch.errno, file, name, target, target.byteSize()));
        }
    }

    static int fcntl(int fd, int command, int argument) {
        return plain(s -> (int) FCNTL.invokeExact(s.errno, fd, command, argument));
    }

    /** Changes the lock of an open file; the same structure on amd64 and aarch64. */
    static int lock(int fd, short type, long start, long length) {
        return plain(s -> {
            MemorySegment range = s.bytes.asSlice(0, FLOCK_SIZE).fill((byte) 0);
            range.set(ValueLayout.JAVA_SHORT, 0, type);
            range.set(JAVA_LONG, 8, start);
            range.set(JAVA_LONG, 16, length);
            return (int) FCNTL_LOCK.invokeExact(s.errno, fd, F_OFD_SETLK, range);
        });
    }

    /** How many bytes a pipe holds that nobody has read. */
    static int unread(int fd) {
        return plain(s -> {
            int result = (int) IOCTL.invokeExact(s.errno, fd, FIONREAD, s.bytes);
            return result < 0 ? result : s.bytes.get(JAVA_INT, 0);
        });
    }

    static int read(Scratch scratch, int fd, MemorySegment target) {
        return retry(scratch, s -> (int) (long) READ.invokeExact(s.errno, fd, target, target.byteSize()));
    }

    static int write(Scratch scratch, int fd, MemorySegment source) {
        return retry(scratch, s -> (int) (long) WRITE.invokeExact(s.errno, fd, source, source.byteSize()));
    }

    /** Never repeated: Linux has freed the number even where it reports EINTR. */
    static void close(int fd) {
        try (Scratch scratch = Scratch.take()) {
            int unused = (int) CLOSE.invokeExact(scratch.errno, fd);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int eventfd() {
        return plain(s -> (int) EVENTFD.invokeExact(s.errno, 0, O_NONBLOCK | O_CLOEXEC));
    }

    static int epollCreate() {
        return plain(s -> (int) EPOLL_CREATE1.invokeExact(s.errno, O_CLOEXEC));
    }

    static int epollControl(Scratch scratch, int epoll, int operation, int fd, MemorySegment event) {
        return retry(scratch, s -> (int) EPOLL_CTL.invokeExact(s.errno, epoll, operation, fd, event));
    }

    static int epollWait(Scratch scratch, int epoll, MemorySegment events, int count, int timeoutMillis) {
        return retry(scratch, s -> (int) EPOLL_WAIT.invokeExact(s.errno, epoll, events, count, timeoutMillis));
    }

    static int inotify() {
        return plain(s -> (int) INOTIFY_INIT1.invokeExact(s.errno, O_NONBLOCK | O_CLOEXEC));
    }

    static int addWatch(int inotify, String path, int mask) {
        return onPath(path, (scratch, name) -> (int) INOTIFY_ADD_WATCH.invokeExact(scratch.errno, inotify, name, mask));
    }

    static int removeWatch(int inotify, int watch) {
        return plain(s -> (int) INOTIFY_RM_WATCH.invokeExact(s.errno, inotify, watch));
    }

    static int kill(int pid, int signal) {
        return plain(s -> (int) KILL.invokeExact(s.errno, pid, signal));
    }

    static long nanosSinceBoot() {
        try (Scratch scratch = Scratch.take()) {
            int result = retry(scratch, s -> (int) CLOCK_GETTIME.invokeExact(s.errno, CLOCK_BOOTTIME, s.bytes));
            if (result < 0) {
                throw new IllegalStateException("clock_gettime(CLOCK_BOOTTIME): errno " + -result);
            }
            return scratch.bytes.get(JAVA_LONG, 0) * NANOS_PER_SECOND + scratch.bytes.get(JAVA_LONG, Long.BYTES);
        }
    }

    static int geteuid() {
        try {
            return (int) GETEUID.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** One call, given the scratch whose errno slot it reports into. */
    private interface Call {
        int with(Scratch scratch) throws Throwable;
    }

    private interface PathCall {
        int with(Scratch scratch, MemorySegment name) throws Throwable;
    }

    private static int onPath(String path, PathCall call) {
        try (Scratch scratch = Scratch.take()) {
            @Nullable MemorySegment name = scratch.string(path);
            return name == null ? -Errno.ENAMETOOLONG : retry(scratch, s -> call.with(s, name));
        }
    }

    private static int plain(Call call) {
        try (Scratch scratch = Scratch.take()) {
            return retry(scratch, call);
        }
    }

    private static int retry(Scratch scratch, Call call) {
        try {
            while (true) {
                int result = call.with(scratch);
                if (result >= 0) {
                    return result;
                }
                int errno = scratch.errno.get(JAVA_INT, 0);
                if (errno != Errno.EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A method handle's own failure, such as a freed segment: a mistake in this package, never the kernel's answer. */
    private static RuntimeException unexpected(Throwable failure) {
        return switch (failure) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(failure);
        };
    }

    private static MethodHandle call(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = ERRNO;
        System.arraycopy(options, 0, all, 1, options.length);
        return link(name, type, all);
    }

    @SuppressWarnings("restricted") // reaching the C library is what this class is for
    private static MethodHandle link(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(symbol(name), type, options);
    }

    private static Linker.Option variadicFrom(int index) {
        return Linker.Option.firstVariadicArg(index);
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("C library: no symbol " + name));
    }
}
