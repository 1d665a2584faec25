package dev.hawse.sys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One open, non-blocking, close-on-exec file descriptor with exactly one owner.
 *
 * <p>Guarantees: no call ever blocks; {@link #close()} may come at any time from any thread, is idempotent, and when it
 * returns the number is free; a call after it throws {@link ClosedChannelException} and never touches whatever file the
 * number stands for by then. Calls from several threads are serialised.
 */
public final class Fd implements AutoCloseable {
    /** What {@link #read} returns when every writer has closed and nothing is left. */
    public static final int EOF = -1;

    /** What {@link #read} and {@link #write} return when the kernel has nothing to give, or no room, just now. */
    public static final int WOULD_BLOCK = 0;

    private static final int CLOSED = -1;

    // Held across each kernel call, so that close cannot free the number under it. All of them are short.
    private final ReentrantLock lock = new ReentrantLock();
    private final String what;
    private int number;
    private @Nullable Registration registration;

    Fd(int number, String what) {
        this.number = number;
        this.what = what;
    }

    /**
     * Reads what is there, at most the target's size.
     *
     * @param target native memory, not empty
     * @return bytes read, {@link #WOULD_BLOCK} (0) when there is nothing yet, or {@link #EOF} (-1)
     */
    public int read(MemorySegment target) throws IOException {
        if (!target.isNative() || target.byteSize() == 0 || target.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "target: not readable into (got " + target + "), allowed is native memory of 1 byte to 2 GiB - 1");
        }
        lock.lock();
        try (Scratch scratch = Scratch.take()) {
            int result = LibC.read(scratch, number(), target);
            if (result == -Errno.EAGAIN) {
                return WOULD_BLOCK;
            }
            return SysException.check(result, attempt("read")) == 0 ? EOF : result;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes as much as the kernel takes now and moves the position past it.
     *
     * @return bytes taken; less than was offered means that there is no room now, and so does {@link #WOULD_BLOCK} (0)
     * @throws SysException with {@link Errno#EPIPE} when nobody can read this any more; bytes taken before it are lost
     */
    public int write(ByteBuffer source) throws IOException {
        lock.lock();
        try (Scratch scratch = Scratch.take()) {
            int taken = 0;
            while (source.hasRemaining()) {
                MemorySegment slice = nextSlice(source, scratch);
                int result = LibC.write(scratch, number(), slice);
                if (result == -Errno.EAGAIN) {
                    break;
                }
                SysException.check(result, attempt("write"));
                source.position(source.position() + result);
                taken += result;
                if (result < slice.byteSize()) {
                    break;
                }
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private static MemorySegment nextSlice(ByteBuffer source, Scratch scratch) {
        int length = Math.min(source.remaining(), Scratch.SIZE);
        MemorySegment bytes = MemorySegment.ofBuffer(source).asSlice(0, length);
        return bytes.isNative() ? bytes : scratch.bytes.asSlice(0, length).copyFrom(bytes);
    }

    /** How many bytes are in the pipe that nobody has read yet. */
    public int unread() throws IOException {
        lock.lock();
        try {
            return SysException.check(LibC.unread(number()), attempt("FIONREAD"));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for room for this many bytes in the pipe and returns what it then has. What the kernel does not grant (its
     * limit for users without privilege, or more bytes in the pipe than asked for) leaves the capacity as it was.
     */
    public int pipeCapacity(int bytes) throws IOException {
        lock.lock();
        try {
            int result = LibC.fcntl(number(), LibC.F_SETPIPE_SZ, bytes);
            if (result != -Errno.EPERM && result != -Errno.EBUSY) {
                SysException.check(result, attempt("F_SETPIPE_SZ " + bytes));
            }
            return pipeCapacity();
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes the pipe holds before a writer has to wait. */
    public int pipeCapacity() throws IOException {
        lock.lock();
        try {
            return SysException.check(LibC.fcntl(number(), LibC.F_GETPIPE_SZ, 0), attempt("F_GETPIPE_SZ"));
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #close()} has not come yet. */
    public boolean isOpen() {
        lock.lock();
        try {
            return number != CLOSED;
        } finally {
            lock.unlock();
        }
    }

    /** Frees the number, ending a registration with a {@link Reactor} first (as {@link Registration#cancel()} does). */
    @Override
    public void close() {
        lock.lock();
        try {
            if (number == CLOSED) {
                return;
            }
            try {
                if (registration != null) {
                    registration.cancel();
                }
            } finally {
                LibC.close(number);
                number = CLOSED;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return what;
    }

    /** For who needs the number across several steps: it stays valid until {@link #unlock()}. */
    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    /** The number, with the lock held. */
    int number() throws ClosedChannelException {
        if (number == CLOSED) {
            throw new ClosedChannelException();
        }
        return number;
    }

    /** Notes who is told of the close, with the lock held: at most one registration at a time, null for none. */
    void registration(@Nullable Registration next) {
        if (registration != null && next != null) {
            throw new IllegalStateException("fd: already registered (got " + what + "), allowed is one registration");
        }
        registration = next;
    }

    private String attempt(String operation) {
        return operation + " " + what;
    }
}
