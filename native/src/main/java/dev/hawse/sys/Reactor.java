package dev.hawse.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits for any number of descriptors and calls their handlers, one at a time, on one thread: its own, or that of a
 * {@link Host}.
 *
 * <p>Guarantees: handlers and tasks run on the loop's thread only; one that throws is reported to the error listener,
 * loses its registration if it has one, and harms nothing else. Readiness is level-triggered: a handler that leaves
 * bytes behind is called again. Every method may be called from any thread. A handler must not block.
 */
public final class Reactor implements Executor, AutoCloseable {
    /** What a registration waits for. A hang-up or an error counts as ready for both: the read or write tells it. */
    public enum Interest {
        READ(Epoll.IN),
        WRITE(Epoll.OUT);

        private final int events;

        Interest(int events) {
            this.events = events;
        }
    }

    /** Called on the loop's thread, never concurrently with any other handler or task of the same reactor. */
    @FunctionalInterface
    public interface Handler {
        /** The descriptor can be read (bytes, end of file or an error) or written (room or an error). */
        void onReady() throws IOException;

        /** The reactor was closed while this was registered; {@link #onReady} is not called again. */
        default void onReactorClosed() {}
    }

    /**
     * A loop of somebody else's that does a reactor's work between its own, which saves the switch between two threads for
     * what goes from one to the other. It must outlive the reactor.
     */
    public interface Host {
        /**
         * Has {@code turn} run on the loop's thread whenever this descriptor can be read. The answer ends that; it is closed on
         * the loop's thread, before the descriptor is.
         */
        AutoCloseable watch(int descriptor, Runnable turn) throws IOException;

        /** Whether the caller is on the loop's thread. */
        boolean inLoop();
    }

    private static final long WAKE_TOKEN = 0;
    private static final int READ_BUFFER_BYTES = 256 * 1024;

    /** So many descriptors are handled before a host does its own work: each may have a mebibyte to be read. */
    private static final int MOST_IN_TURN_OF_HOST = 1;

    /** The loop that this thread is. */
    private static final ThreadLocal<@Nullable Host> HOST_HERE = new ThreadLocal<>();

    private final String name;
    private final Epoll epoll;
    private final Fd wake;
    private final Host host;
    private final Consumer<? super Throwable> errorListener;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment readBuffer = arena.allocate(READ_BUFFER_BYTES, Long.BYTES);
    private final Scratch scratch = Scratch.take();
    private final Epoll.Batch batch;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final Map<Long, Registration> registrations = new ConcurrentHashMap<>();
    private final AtomicLong lastToken = new AtomicLong(WAKE_TOKEN);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakePending = new AtomicBoolean();
    private volatile AutoCloseable watch = () -> {};
    private volatile boolean closing;
    private volatile boolean terminated;
    private boolean turning; // of the loop's thread

    private Reactor(Epoll epoll, Fd wake, String name, Host host, Consumer<? super Throwable> errorListener) {
        this.epoll = epoll;
        this.wake = wake;
        this.name = name;
        this.host = host;
        this.errorListener = errorListener;
        this.batch = epoll.new Batch(scratch);
    }

    /**
     * Starts a loop on a daemon thread of this name.
     *
     * @param errorListener told on the loop's thread what handlers and tasks throw; must not block
     */
    public static Reactor open(String name, Consumer<? super Throwable> errorListener) throws IOException {
        OwnThread own = new OwnThread();
        Reactor reactor = make(name, own, errorListener);
        own.start(reactor);
        return reactor;
    }

    /**
     * Works on somebody else's loop.
     *
     * @param name what messages call it
     * @param errorListener told on the loop's thread what handlers and tasks throw; must not block
     */
    public static Reactor on(Host host, String name, Consumer<? super Throwable> errorListener) throws IOException {
        Reactor reactor = make(name, host, errorListener);
        try {
            reactor.watch = host.watch(reactor.epoll.number(), reactor::turnOfHost);
        } catch (IOException | RuntimeException | Error e) {
            reactor.free();
            throw e;
        }
        reactor.wake(); // so that the thread knows it from now on
        return reactor;
    }

    private static Reactor make(String name, Host host, Consumer<? super Throwable> errorListener) throws IOException {
        Sys.ensureAvailable();
        Epoll epoll = new Epoll();
        try {
            Fd wake = new Fd(SysException.check(LibC.eventfd(), "eventfd"), "eventfd");
            try {
                wake.lock();
                try {
                    epoll.control(LibC.EPOLL_CTL_ADD, wake, Epoll.IN, WAKE_TOKEN);
                } finally {
                    wake.unlock();
                }
                return new Reactor(epoll, wake, name, host, errorListener);
            } catch (IOException | RuntimeException | Error e) {
                wake.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            epoll.close();
            throw e;
        }
    }

    /**
     * Takes a descriptor in, paused. The descriptor stays the caller's to close, and closing it ends the registration.
     *
     * @throws IllegalStateException when the descriptor is registered already
     * @throws ClosedChannelException when the descriptor or this reactor is closed
     */
    public Registration register(Fd fd, Interest interest, Handler handler) throws IOException {
        Registration registration = new Registration(this, fd, interest.events, handler, lastToken.incrementAndGet());
        fd.lock();
        try {
            fd.registration(registration);
            registrations.put(registration.token(), registration);
            try {
                registration.enter(epoll);
            } catch (IOException | RuntimeException e) {
                registrations.remove(registration.token());
                fd.registration(null);
                throw e;
            }
            return registration;
        } finally {
            fd.unlock();
        }
    }

    /**
     * Runs a task on the loop's thread, after what is queued there already. What is queued when the reactor closes
     * still runs.
     *
     * @throws RejectedExecutionException when the reactor is closed
     */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (!inLoop() || !turning) {
            wake();
        }
        if (terminated && tasks.remove(task)) {
            throw new RejectedExecutionException("reactor " + name + ": closed");
        }
    }

    /** Whether the caller is on the loop's thread. */
    public boolean inLoop() {
        return host.inLoop();
    }

    Host host() {
        return host;
    }

    /** The loop that the caller's thread is, if it is one. */
    static @Nullable Host hostHere() {
        return HOST_HERE.get();
    }

    /** How many registrations there are now: 0 when nothing leaks. */
    public int registrations() {
        return registrations.size();
    }

    /**
     * Memory for a handler to read into, 256 KiB, shared by all handlers of this loop: what it holds is gone with the
     * handler's return.
     *
     * @throws IllegalStateException on another thread than the loop's
     */
    public MemorySegment readBuffer() {
        if (!inLoop()) {
            throw new IllegalStateException("readBuffer: used outside the loop, allowed is the loop's thread");
        }
        return readBuffer;
    }

    /**
     * Ends the work: what is registered is told by {@link Handler#onReactorClosed()}, descriptors stay their owners'.
     * Returns when no handler or task runs any more, at once on the loop's very thread. Idempotent.
     */
    @Override
    public void close() {
        closing = true;
        wake();
        if (!inLoop()) {
            over.join();
        }
    }

    Epoll epoll() {
        return epoll;
    }

    /** The registration's end, with its descriptor's lock held and the descriptor still open. */
    void remove(Registration registration) {
        registrations.remove(registration.token());
        registration.leave(epoll);
    }

    private void turnOfHost() {
        if (turn(false) && !tasks.isEmpty()) {
            wake();
        }
    }

    /** Handles what is ready; whether there will be another turn. */
    private boolean turn(boolean wait) {
        HOST_HERE.set(host);
        turning = true;
        try {
            int most = wait ? Epoll.Batch.CAPACITY : MOST_IN_TURN_OF_HOST;
            int count = closing ? 0 : batch.await(!wait || !tasks.isEmpty(), most);
            for (int i = 0; i < count && !closing; i++) {
                dispatch(batch.token(i));
            }
            runTasks();
        } catch (Throwable e) {
            report(e);
            closing = true;
        }
        if (closing) {
            terminate();
        }
        turning = false;
        return !terminated;
    }

    private void dispatch(long token) throws IOException {
        if (token == WAKE_TOKEN) {
            drainWake();
            return;
        }
        // A token is never used twice: an event that was fetched before its registration ended finds nothing here,
        // whatever has become of the descriptor's number.
        @Nullable Registration registration = registrations.get(token);
        if (registration == null) {
            return;
        }
        try {
            registration.dispatch();
        } catch (Throwable e) {
            registration.cancel();
            report(e);
        }
    }

    /** Runs what was queued when it began; what these tasks queue waits for the next turn, after the descriptors. */
    private void runTasks() {
        for (int left = tasks.size(); left > 0; left--) {
            @Nullable Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            runTask(task);
        }
    }

    private void runTask(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            report(e);
        }
    }

    private void terminate() {
        if (terminated) {
            return;
        }
        unwatch();
        epoll.close(); // from here on register() fails, so that the walk below misses nobody
        for (Registration registration : registrations.values()) {
            runTask(registration::reactorClosed);
        }
        while (!tasks.isEmpty()) {
            runTasks();
        }
        terminated = true;
        runTasks(); // of those who had not seen it yet
        free();
        over.complete(null);
    }

    private void unwatch() {
        try {
            watch.close();
        } catch (Exception e) {
            report(e);
        }
    }

    private void free() {
        epoll.close();
        wake.close();
        arena.close();
        scratch.close();
    }

    private void wake() {
        if (wakePending.compareAndSet(false, true)) {
            try {
                wake.write(ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putLong(0, 1));
            } catch (ClosedChannelException e) {
                // The loop has ended and needs no waking.
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void drainWake() throws IOException {
        wake.read(readBuffer().asSlice(0, Long.BYTES));
        // Before the tasks are run: who finds this still set has queued a task that this turn will see.
        wakePending.set(false);
    }

    private void report(Throwable failure) {
        try {
            errorListener.accept(failure);
        } catch (Throwable e) {
            // Nobody is left to tell; the loop must go on.
        }
    }

    /** A thread that does nothing else. */
    private static final class OwnThread implements Host {
        private @Nullable Thread thread;

        void start(Reactor reactor) {
            thread = Thread.ofPlatform().name(reactor.name).daemon().unstarted(() -> {
                while (reactor.turn(true)) {
                    // The next one waits for what is to be done.
                }
            });
            thread.start();
        }

        @Override
        public AutoCloseable watch(int descriptor, Runnable turn) {
            throw new IllegalStateException("it waits in the turn itself");
        }

        @Override
        public boolean inLoop() {
            return Thread.currentThread() == thread;
        }
    }
}
