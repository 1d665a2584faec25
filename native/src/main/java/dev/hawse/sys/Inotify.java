package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells of what is written, made and removed in folders.
 *
 * <p>Guarantees: after every change of a file in a watched folder that came after {@link #watch} had returned, the listener
 * is called at least once, on the reactor's thread; several changes may share a call, and a call may come without a change.
 * Every method may be called from any thread, also by listeners. After {@link #close()} nobody is called.
 */
public final class Inotify implements AutoCloseable {
    private static final int IN_MODIFY = 0x2;
    private static final int IN_MOVED_TO = 0x80;
    private static final int IN_CREATE = 0x100;
    private static final int IN_DELETE = 0x200;
    private static final int IN_Q_OVERFLOW = 0x4000;
    private static final int IN_IGNORED = 0x8000;
    private static final int IN_ONLYDIR = 0x1000000;
    private static final int CHANGES = IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR;

    // struct inotify_event: wd, mask, cookie, len, then len bytes of name.
    private static final int EVENT = 16;

    private final Reactor reactor;
    private final Fd fd;
    private final Map<Integer, List<Runnable>> listeners = new ConcurrentHashMap<>();

    private Inotify(Reactor reactor, Fd fd) {
        this.reactor = reactor;
        this.fd = fd;
    }

    /** Begins to listen on a reactor, which is to be closed after this or goes on without it. */
    public static Inotify open(Reactor reactor) throws IOException {
        var fd = new Fd(SysException.check(LibC.inotify(), "inotify_init1"), "inotify");
        try {
            var inotify = new Inotify(reactor, fd);
            reactor.register(fd, Reactor.Interest.READ, inotify::read).resume();
            return inotify;
        } catch (IOException | RuntimeException | Error e) {
            fd.close();
            throw e;
        }
    }

    /** A listener's place; closing it ends the calls but for one that is under way. Idempotent. */
    public final class Watch implements AutoCloseable {
        private final int number;
        private final Runnable listener;

        private Watch(int number, Runnable listener) {
            this.number = number;
            this.listener = listener;
        }

        @Override
        public void close() {
            forget(number, listener);
        }
    }

    /**
     * Watches a folder, which must be there.
     *
     * @param listener must not block
     * @throws SysException ENOSPC when the user has no watches left (fs.inotify.max_user_watches)
     */
    public Watch watch(Path folder, Runnable listener) throws IOException {
        fd.lock();
        try {
            // The kernel has one watch for a folder, however often it is asked for.
            int number = SysException.check(
                    LibC.addWatch(fd.number(), folder.toString(), CHANGES), "inotify_add_watch " + folder);
            listeners.computeIfAbsent(number, n -> new CopyOnWriteArrayList<>()).add(listener);
            return new Watch(number, listener);
        } finally {
            fd.unlock();
        }
    }

    private void forget(int number, Runnable listener) {
        fd.lock();
        try {
            var left = listeners.get(number);
            if (left == null) {
                return;
            }
            left.remove(listener);
            if (left.isEmpty()) {
                listeners.remove(number);
                // Fails where the folder is gone, and the watch with it.
                LibC.removeWatch(fd.number(), number);
            }
        } catch (ClosedChannelException e) {
            // Closed: nobody is called any more.
        } finally {
            fd.unlock();
        }
    }

    /** How many folders are watched: 0 when nothing leaks. */
    public int watches() {
        return listeners.size();
    }

    private void read() throws IOException {
        MemorySegment events = reactor.readBuffer();
        int size = fd.read(events);
        var changed = new HashSet<Integer>();
        for (int at = 0; at < size; ) {
            int number = events.get(JAVA_INT_UNALIGNED, at);
            int mask = events.get(JAVA_INT_UNALIGNED, at + 4L);
            if ((mask & IN_Q_OVERFLOW) != 0) {
                changed.addAll(listeners.keySet());
            } else if ((mask & IN_IGNORED) == 0) {
                changed.add(number);
            }
            at += EVENT + events.get(JAVA_INT_UNALIGNED, at + 12L);
        }
        for (int number : changed) {
            listeners.getOrDefault(number, List.of()).forEach(Runnable::run);
        }
    }

    @Override
    public void close() {
        listeners.clear();
        fd.close();
    }
}
