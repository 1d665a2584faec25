package dev.hawse.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One descriptor's place in a {@link Reactor}: while it is resumed, its handler is called each time the descriptor is
 * ready. It starts paused. Every method may be called from any thread; changing the interest wakes nobody up and costs
 * one kernel call. Ending a registration leaves the descriptor open.
 */
public final class Registration implements AutoCloseable {
    private final Reactor reactor;
    private final Fd fd;
    private final int events;
    private final Reactor.Handler handler;
    private final long token;

    // Held by the loop while the handler runs, so that close() can wait for it.
    private final ReentrantLock calling = new ReentrantLock();

    // Written with the descriptor's lock held.
    private volatile boolean active;
    private volatile boolean ended;
    private int resumes;

    Registration(Reactor reactor, Fd fd, int events, Reactor.Handler handler, long token) {
        this.reactor = reactor;
        this.fd = fd;
        this.events = events;
        this.handler = handler;
        this.token = token;
    }

    /** Has the handler called while the descriptor is ready: at once if it is now. Nothing happens after the end. */
    public void resume() {
        fd.lock();
        try {
            resumes++;
            if (!ended && !active) {
                active = true;
                arm(events);
            }
        } finally {
            fd.unlock();
        }
    }

    /** Stops further calls of the handler; one that has begun may still be running. Nothing happens after the end. */
    public void pause() {
        fd.lock();
        try {
            pauseUnlessResumedSince(resumes);
        } finally {
            fd.unlock();
        }
    }

    /** How often this was resumed: to be taken before a step whose outcome may be a pause. */
    int resumes() {
        fd.lock();
        try {
            return resumes;
        } finally {
            fd.unlock();
        }
    }

    /** Pauses unless a resume came after {@code seen} was taken: that one answers the very pause that is asked for. */
    void pauseUnlessResumedSince(int seen) {
        fd.lock();
        try {
            if (!ended && active && resumes == seen) {
                active = false;
                arm(0);
            }
        } finally {
            fd.unlock();
        }
    }

    /** Whether the handler is to be called: resumed and not ended. */
    boolean isActive() {
        return active;
    }

    /**
     * Ends this without waiting: no call of the handler begins after the loop has seen it, but one that has begun may
     * still be running. Any lock may be held. Idempotent.
     */
    public void cancel() {
        fd.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            active = false;
            fd.registration(null);
            reactor.remove(this);
        } finally {
            fd.unlock();
        }
    }

    /**
     * Ends this for good: when it returns, the handler is not running and is never called again. On the loop's own
     * thread that holds at once; on another thread this waits for a call that is in progress, so hold no lock that the
     * handler takes (or use {@link #cancel()}). Idempotent.
     */
    @Override
    public void close() {
        cancel();
        awaitHandler();
    }

    @SuppressWarnings("LockNotBeforeTry") // getting the lock is all that is wanted
    private void awaitHandler() {
        calling.lock();
        calling.unlock();
    }

    /** Enters the reactor, paused; the caller holds the descriptor's lock. */
    void enter(Epoll epoll) throws IOException {
        epoll.control(LibC.EPOLL_CTL_ADD, fd, Epoll.ONE_SHOT, token);
    }

    /** Leaves the epoll instance before the number is freed: a forked child may still hold the same open file. */
    void leave(Epoll epoll) {
        try {
            epoll.control(LibC.EPOLL_CTL_DEL, fd, 0, token);
        } catch (ClosedChannelException e) {
            // The reactor has closed its epoll instance, and everything left with it.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls the handler on the loop's thread if that is still wanted. */
    void dispatch() throws IOException {
        calling.lock();
        try {
            if (active) {
                handler.onReady();
            }
        } finally {
            calling.unlock();
        }
    }

    void reactorClosed() {
        calling.lock();
        try {
            boolean wasLive = !ended;
            cancel();
            if (wasLive) {
                handler.onReactorClosed();
            }
        } finally {
            calling.unlock();
        }
    }

    long token() {
        return token;
    }

    // Hang-ups are reported whatever the mask says, for ever when level-triggered: a paused descriptor whose peer is
    // gone would spin the loop. One-shot lets a single one through, which dispatch() ignores, and then is silent.
    private void arm(int mask) {
        try {
            reactor.epoll().control(LibC.EPOLL_CTL_MOD, fd, mask == 0 ? Epoll.ONE_SHOT : mask, token);
        } catch (ClosedChannelException e) {
            // The reactor is closed, and tells the handler.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
