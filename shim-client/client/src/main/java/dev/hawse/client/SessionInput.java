package dev.hawse.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What a session sends to its process: input, sizes, signals. Shares the session's lock. */
final class SessionInput {

    /** Input in one frame. With gRPC's own 32 KiB this is all that waits on this side. */
    static final int MAX_FRAME = 64 << 10;

    /** Signals that wait for a connection; of more, the newest. */
    private static final int SIGNALS_KEPT = 16;

    private record Signal(String name, SignalScope scope) {}

    private final SessionState session;
    private final ReentrantLock lock;
    private final StdinStream stream = new StdinStream(this);
    private final boolean wanted;
    private final ArrayDeque<Signal> unsentSignals = new ArrayDeque<>();
    private boolean ended;
    private boolean writerLost;
    private @Nullable TerminalSize size;
    private boolean sizeUnsent;

    SessionInput(SessionState session, ReentrantLock lock, boolean wanted) {
        this.session = session;
        this.lock = lock;
        this.wanted = wanted;
    }

    OutputStream stream() {
        return stream;
    }

    /** Sends input piece by piece, each when there is room for it. */
    void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        while (at < offset + length) {
            int piece = Math.min(MAX_FRAME, offset + length - at);
            lock.lock();
            try {
                check();
                while (!session.hasRoom()) {
                    session.await(SessionState.FOREVER);
                    check();
                }
                session.link().input(ByteString.copyFrom(bytes, at, piece));
            } catch (HawseException e) {
                throw StdoutStream.ioException(e);
            } finally {
                lock.unlock();
            }
            at += piece;
        }
    }

    private void check() throws IOException {
        if (!wanted) {
            throw new IOException("stdin: the process was started, or attached to, without input");
        }
        if (ended) {
            throw new IOException("stdin: was closed");
        }
        if (writerLost) {
            throw new IOException("stdin: another caller gives the input now");
        }
        var exit = session.exit();
        if (exit != null) {
            throw new IOException("stdin: the process has ended with " + exit.status());
        }
        var failure = session.failure();
        if (failure != null) {
            throw StdoutStream.ioException(failure);
        }
    }

    void end() {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                if (isWriter() && session.isLive()) {
                    session.link().endInput();
                }
                session.settle();
            }
        } finally {
            lock.unlock();
        }
    }

    void resize(TerminalSize to) {
        lock.lock();
        try {
            size = to;
            sizeUnsent = true;
            flush();
        } finally {
            lock.unlock();
        }
    }

    void signal(String name, SignalScope scope) {
        lock.lock();
        try {
            if (session.isLive()) {
                session.link().signal(name, scope);
            } else if (!session.isOver()) {
                if (unsentSignals.size() == SIGNALS_KEPT) {
                    unsentSignals.remove();
                }
                unsentSignals.add(new Signal(name, scope));
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- with the lock ----

    /** Whether input is this session's to give. */
    boolean isWriter() {
        return wanted && !writerLost;
    }

    boolean isWanted() {
        return wanted;
    }

    boolean isEnded() {
        return ended;
    }

    boolean isWriterLost() {
        return writerLost;
    }

    void loseWriter() {
        writerLost = true;
    }

    /** There is room, perhaps. */
    void flush() {
        if (sizeUnsent && size != null && session.hasRoom()) {
            session.link().resize(size);
            sizeUnsent = false;
        }
    }

    /** After another connection was made: what may not have reached the process. */
    void repeat(boolean stdinOpen) {
        sizeUnsent = size != null && isWriter();
        for (var s = unsentSignals.poll(); s != null; s = unsentSignals.poll()) {
            session.link().signal(s.name(), s.scope());
        }
        if (ended && isWriter() && stdinOpen) {
            session.link().endInput();
        }
        flush();
    }
}
