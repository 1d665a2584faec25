package dev.hawse.client;

import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.client.HawseException.Code;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where a session is in its life, and the one lock and condition of all of its parts: the thread that moves bytes takes the
 * lock for moments only; everybody else waits on the condition for whatever they wait for. Longer than most since what
 * ends a session, who is told and who waits can only be checked together.
 */
final class SessionState {

    static final long FOREVER = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Connection connection;
    private final boolean endsWithCall;
    private final OutputWindow window;
    private final SessionInput input;
    private final SessionOutput output;
    private final CompletableFuture<ProcessExit> ended = new CompletableFuture<>();

    private @Nullable Link<?, ?> link;
    private @Nullable Reattachment reattachment;
    private boolean opened;
    private boolean live;
    private boolean futureWanted;
    private @Nullable ProcessExit exit;
    private boolean callClosed;
    private @Nullable HawseException failure;

    /** {@code endsWithCall}: whether the end is only told when the call has ended too, because something follows it. */
    SessionState(Connection connection, boolean stdinWanted, boolean endsWithCall) {
        this.connection = connection;
        this.endsWithCall = endsWithCall;
        this.window = new OutputWindow(
                lock, changed, () -> link().request(), connection.outputWindow(), connection.spillDirectory());
        this.input = new SessionInput(this, lock, stdinWanted);
        this.output = new SessionOutput(this, lock, window, connection.executor());
    }

    SessionInput input() {
        return input;
    }

    SessionOutput output() {
        return output;
    }

    OutputWindow window() {
        return window;
    }

    ReentrantLock lock() {
        return lock;
    }

    // ---- connections ----

    /** Before the start: what to do when the connection is cut off. */
    void reattach(Reattachment with) {
        reattachment = with;
    }

    /** Sends the first frame. Input may follow at once, or after the head. */
    <Q, R> void connect(Frames<Q, R> frames, Q first, boolean inputAtOnce) {
        lock.lock();
        try {
            live = inputAtOnce;
            var next = new Link<>(connection, frames);
            link = next;
            next.open(first, this);
        } finally {
            lock.unlock();
        }
    }

    /** With the lock, after {@link #connect}. */
    Link<?, ?> link() {
        var current = link;
        if (current == null) {
            throw new IllegalStateException("the session has not begun");
        }
        return current;
    }

    /** Whether frames that are sent have a chance to arrive. */
    boolean isLive() {
        return live && !isOver();
    }

    /** Whether a frame can be sent without waiting in this process. */
    boolean hasRoom() {
        return isLive() && link().isReady();
    }

    void received(Link<?, ?> from, Runnable read) {
        lock.lock();
        try {
            if (from == link) {
                read.run();
                window.requestNext();
                output.deliver();
                settle();
            }
        } finally {
            lock.unlock();
        }
    }

    void ready(Link<?, ?> on) {
        lock.lock();
        try {
            if (on == link) {
                input.flush();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void closed(Link<?, ?> which, Status status, Metadata trailers) {
        lock.lock();
        try {
            if (which != link) {
                return;
            }
            if (exit == null && failure == null) {
                var why = endWithoutExit(status, trailers);
                live = false;
                failure = opened && reattachment != null ? reattachment.lost(why) : why;
                callClosed = failure != null;
            } else {
                callClosed = true;
            }
            settle();
        } finally {
            lock.unlock();
        }
    }

    private HawseException endWithoutExit(Status status, Metadata trailers) {
        return switch (status.getCode()) {
            case OK ->
                new HawseException(
                        Code.DATA_LOSS, "the server ended the stream before it told how the process ended", null);
            // Nobody here cancelled, or there would be a failure already.
            case CANCELLED -> new HawseException(Code.UNAVAILABLE, "the server broke the stream off", null);
            default -> connection.failures().from(status, trailers, null);
        };
    }

    // ---- frames from the server, with the lock ----

    void headReceived() {
        opened = true;
        live = true;
    }

    void exitReceived(ProcessExited frame) {
        exit = ProcessMapper.exit(frame);
    }

    // ---- the beginning ----

    boolean isWriterLost() {
        lock.lock();
        try {
            return input.isWriterLost();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpened() {
        return opened;
    }

    /** Waits until the process runs, or has ended, or never will. */
    void awaitOpen(Duration within) {
        long until = System.nanoTime() + within.toNanos();
        lock.lock();
        try {
            while (!opened && !isOver()) {
                if (!await(until)) {
                    fail(new HawseException(
                            Code.TIMEOUT, "the server did not start the process within " + within, null));
                }
            }
            if (!opened && failure != null) {
                throw failure;
            }
        } catch (HawseException e) {
            close();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** The end, when it came before anything ran. */
    @Nullable
    ExitStatus spawnFailure() {
        lock.lock();
        try {
            return opened || exit == null ? null : exit.status();
        } finally {
            lock.unlock();
        }
    }

    // ---- the end ----

    /** With the lock. */
    @Nullable
    ProcessExit exit() {
        return exit;
    }

    /** With the lock. */
    @Nullable
    HawseException failure() {
        return failure;
    }

    /** With the lock: whether nothing more can be sent. */
    boolean isOver() {
        return exit != null || failure != null || callClosed;
    }

    /** The end, once it may be told. */
    private @Nullable ProcessExit toldExit() {
        return !output.isPending() && (!endsWithCall || callClosed) ? exit : null;
    }

    /** Null when the time has passed. */
    @Nullable
    ProcessExit awaitExit(long until) {
        lock.lock();
        try {
            while (true) {
                if (failure != null) {
                    throw failure;
                }
                var told = toldExit();
                if (told != null) {
                    return told;
                }
                if (!await(until)) {
                    return null;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    CompletableFuture<ProcessExit> onExit() {
        lock.lock();
        try {
            futureWanted = true;
            settle();
        } finally {
            lock.unlock();
        }
        return ended.copy();
    }

    /** Wakes who waits; completes the future, or sees to it that its wait is not one for ever. With the lock. */
    void settle() {
        changed.signalAll();
        if (!futureWanted || ended.isDone()) {
            return;
        }
        var told = toldExit();
        var failed = failure;
        if (failed != null) {
            connection.executor().execute(() -> ended.completeExceptionally(failed));
        } else if (told != null) {
            connection.executor().execute(() -> ended.complete(told));
        } else if (window.isPaused() && !output.hasListener()) {
            connection.executor().execute(this::relieve);
        }
    }

    private void relieve() {
        lock.lock();
        try {
            while (window.isPaused() && !isOver()) {
                long wait = window.makeRoom();
                if (wait > 0) {
                    if (wait < FOREVER) {
                        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS, connection.executor())
                                .execute(this::relieve);
                    }
                    return;
                }
            }
        } catch (IOException e) {
            fail(noSpace(e));
        } finally {
            lock.unlock();
        }
    }

    /** With the lock: the session cannot go on, for a reason on this side. */
    void fail(HawseException why) {
        if (failure == null && (exit == null || toldExit() == null)) {
            failure = why;
        }
        window.close();
        link().cancel(why.getMessage(), why);
        settle();
    }

    void close() {
        lock.lock();
        try {
            window.close();
            // After the end the server ends the call by itself; what follows the end of a run is not to be cut off.
            if (exit == null && !callClosed) {
                link().cancel("closed by the caller", null);
            }
            if (failure == null && exit == null) {
                failure = new HawseException(Code.CANCELLED, "the session was closed", null);
            }
            settle();
        } finally {
            lock.unlock();
        }
    }

    // ---- waiting ----

    /**
     * Waits, with the lock, until something has changed; before that, makes room for what the wait is for. Returns false
     * when the time has passed.
     */
    @SuppressWarnings("WaitNotInLoop") // The loop is the caller's.
    boolean await(long until) {
        try {
            long patience = !output.hasListener() && window.isPaused() ? window.makeRoom() : FOREVER;
            if (patience == 0) {
                return true;
            }
            long left = until == FOREVER ? FOREVER : until - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            if (patience == FOREVER && left == FOREVER) {
                changed.await();
                return true;
            }
            return changed.awaitNanos(Math.min(patience, left)) > 0 || patience < left;
        } catch (IOException e) {
            fail(noSpace(e));
            return true;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static HawseException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HawseException(Code.CANCELLED, "the thread was interrupted while it waited", e);
    }

    private static HawseException noSpace(IOException e) {
        return new HawseException(
                Code.RESOURCE_EXHAUSTED,
                "output that nobody read could not be written to a file: " + e.getMessage(),
                e);
    }
}
