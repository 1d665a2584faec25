package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * One epoll instance. {@link #control} is safe from any thread; {@link Batch#await} and {@link #close} belong to the one
 * thread that waits, because a number that is being waited on must not be freed.
 */
final class Epoll implements AutoCloseable {
    static final int IN = 0x001;
    static final int OUT = 0x004;
    static final int ONE_SHOT = 1 << 30;

    private static final EventLayout LAYOUT = EventLayout.of(System.getProperty("os.arch"));

    private final Fd fd;
    private final int number;

    Epoll() throws SysException {
        number = SysException.check(LibC.epollCreate(), "epoll_create1");
        fd = new Fd(number, "epoll");
    }

    /** For who waits for the whole of it: it can be read while something in it is ready. */
    int number() {
        return number;
    }

    /** struct epoll_event: packed on x86_64, so that its 64 bits of user data are unaligned there and only there. */
    record EventLayout(long size, long data) {
        static EventLayout of(String arch) {
            return arch.equals("amd64") ? new EventLayout(12, 4) : new EventLayout(16, 8);
        }
    }

    /** Changes what is waited for; the caller holds the lock of {@code target}. */
    void control(int operation, Fd target, int events, long token) throws IOException {
        fd.lock();
        try (Scratch scratch = Scratch.take()) {
            MemorySegment event = scratch.bytes.asSlice(0, LAYOUT.size());
            event.set(JAVA_INT, 0, events);
            event.set(JAVA_LONG_UNALIGNED, LAYOUT.data(), token);
            int result = LibC.epollControl(scratch, fd.number(), operation, target.number(), event);
            SysException.check(result, "epoll_ctl " + target);
        } finally {
            fd.unlock();
        }
    }

    /** The events of one wait; reused from wait to wait. */
    final class Batch {
        static final int CAPACITY = 256;
        private final Scratch scratch;
        private final MemorySegment events;

        Batch(Scratch scratch) {
            this.scratch = scratch;
            this.events = scratch.bytes.asSlice(0, CAPACITY * LAYOUT.size());
        }

        /**
         * How many events there are, waiting for the first one unless {@code poll}. Those beyond {@code most}, which is at
         * most {@link #CAPACITY}, are the first of the next wait.
         */
        int await(boolean poll, int most) throws SysException {
            int result = LibC.epollWait(scratch, number, events, most, poll ? 0 : -1);
            return SysException.check(result, "epoll_wait");
        }

        long token(int index) {
            return events.get(JAVA_LONG_UNALIGNED, index * LAYOUT.size() + LAYOUT.data());
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
