package dev.hawse.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes buffers into a FIFO in order, one after the other, without a thread of its own and without ever blocking.
 *
 * <p>Guarantees: the {@code accepted} of each write runs exactly once: when the pipe has all of its bytes, or when they
 * are dropped because nobody can read them any more or because of a close. So who waits for it never hangs. Callbacks
 * run without a lock held, on the thread of the write where it succeeds or fails at once, else on the reactor's. All
 * methods may be called from any thread. It owns the descriptor.
 */
public final class FifoWriter implements AutoCloseable {
    private record Pending(ByteBuffer data, Runnable accepted) {}

    private final Reactor reactor;
    private final Fd fd;
    private final Consumer<? super IOException> onFailure;
    private final Registration registration;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Pending pending;
    private @Nullable Runnable onClosed;
    private boolean ending;
    private boolean closed;

    private FifoWriter(Reactor reactor, Fd fd, Consumer<? super IOException> onFailure) throws IOException {
        this.reactor = reactor;
        this.fd = fd;
        this.onFailure = onFailure;
        this.registration = reactor.register(fd, Reactor.Interest.WRITE, new Pump());
    }

    /**
     * Takes over the descriptor, also when this throws.
     *
     * @param onFailure told at most once, before the {@code accepted} of the write that found out: usually
     *     {@link Errno#EPIPE}, the reader is gone. The descriptor is closed by then and further writes are dropped
     */
    public static FifoWriter open(Reactor reactor, Fd fd, Consumer<? super IOException> onFailure) throws IOException {
        try {
            return new FifoWriter(reactor, fd, onFailure);
        } catch (IOException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** As {@link #write(ByteBuffer, Runnable)}, of a whole array. */
    public void write(byte[] data, Runnable accepted) {
        write(ByteBuffer.wrap(data), accepted);
    }

    /**
     * Writes what the pipe takes at once on this thread; the rest follows as the reader makes room.
     *
     * @param data not to be touched until {@code accepted}, which may come before this returns
     * @throws IllegalStateException when the last write is not accepted yet, or after {@link #closeWhenFlushed}
     */
    public void write(ByteBuffer data, Runnable accepted) {
        List<Runnable> callbacks = new ArrayList<>(2);
        lock.lock();
        try {
            if (pending != null) {
                throw new IllegalStateException(fd + ": written to before the last write was accepted");
            }
            if (ending) {
                throw new IllegalStateException(fd + ": written to after closeWhenFlushed");
            }
            pending = new Pending(data, accepted);
            flush(callbacks);
            if (pending != null) {
                registration.resume();
            }
        } finally {
            lock.unlock();
        }
        runAll(callbacks);
    }

    /**
     * Closes once a pending write is done, at once when there is none.
     *
     * @param whenClosed runs exactly once, when the descriptor is closed, also by {@link #close()} or by a failure
     * @throws IllegalStateException when called twice
     */
    public void closeWhenFlushed(Runnable whenClosed) {
        List<Runnable> callbacks = new ArrayList<>(1);
        lock.lock();
        try {
            if (ending) {
                throw new IllegalStateException(fd + ": closeWhenFlushed called twice");
            }
            ending = true;
            onClosed = whenClosed;
            if (pending == null) {
                shut(callbacks);
            }
        } finally {
            lock.unlock();
        }
        runAll(callbacks);
    }

    /** Closes now and drops a pending write, whose callbacks then run on the reactor's thread. Idempotent. */
    @Override
    public void close() {
        List<Runnable> callbacks = new ArrayList<>(2);
        lock.lock();
        try {
            drop(callbacks);
            shut(callbacks);
        } finally {
            lock.unlock();
        }
        if (callbacks.isEmpty()) {
            return;
        }
        try {
            reactor.execute(() -> runAll(callbacks));
        } catch (RejectedExecutionException e) {
            runAll(callbacks);
        }
    }

    /** Writes on with the lock held, and adds what is to be run once it is released. */
    private void flush(List<Runnable> callbacks) {
        if (pending == null) {
            return;
        }
        if (!closed) {
            try {
                fd.write(pending.data());
                if (pending.data().hasRemaining()) {
                    return;
                }
            } catch (IOException e) {
                callbacks.add(() -> onFailure.accept(e));
                fd.close();
                closed = true;
            }
        }
        drop(callbacks);
        if (ending) {
            shut(callbacks);
        }
    }

    private void drop(List<Runnable> callbacks) {
        if (pending != null) {
            callbacks.add(pending.accepted());
            pending = null;
        }
    }

    private void shut(List<Runnable> callbacks) {
        fd.close();
        closed = true;
        if (onClosed != null) {
            callbacks.add(onClosed);
            onClosed = null;
        }
    }

    /** Runs each of them, whatever the one before it throws. */
    private static void runAll(List<Runnable> callbacks) {
        for (int i = 0; i < callbacks.size(); i++) {
            try {
                callbacks.get(i).run();
            } catch (RuntimeException | Error e) {
                runAll(callbacks.subList(i + 1, callbacks.size()));
                throw e;
            }
        }
    }

    /** The loop's side. */
    private final class Pump implements Reactor.Handler {
        @Override
        public void onReady() {
            List<Runnable> callbacks = new ArrayList<>(2);
            lock.lock();
            try {
                flush(callbacks);
                if (pending == null) {
                    registration.pause();
                }
            } finally {
                lock.unlock();
            }
            try {
                runAll(callbacks);
            } catch (RuntimeException | Error e) {
                close(); // the reactor drops the registration, without which nothing would be flushed any more
                throw e;
            }
        }

        @Override
        public void onReactorClosed() {
            close();
        }
    }
}
