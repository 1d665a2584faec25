package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.client.HawseException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The output of a session on its way to the streams or the listener. Shares the session's lock. */
final class SessionOutput {

    private static final int GAPS_KEPT = 1000;

    private final SessionState session;
    private final ReentrantLock lock;
    private final OutputWindow window;
    private final Executor executor;
    private final StdoutStream stdoutStream = new StdoutStream(this, OutputKind.STDOUT);
    private final StdoutStream stderrStream = new StdoutStream(this, OutputKind.STDERR);
    private final OutputPosition stdout = new OutputPosition(OutputKind.STDOUT);
    private final OutputPosition stderr = new OutputPosition(OutputKind.STDERR);
    private final List<OutputPosition> positions = List.of(stdout, stderr);
    private final ArrayDeque<OutputGap> gaps = new ArrayDeque<>();
    private boolean streamsUsed;
    private @Nullable OutputListener listener;
    private boolean delivering;

    SessionOutput(SessionState session, ReentrantLock lock, OutputWindow window, Executor executor) {
        this.session = session;
        this.lock = lock;
        this.window = window;
        this.executor = executor;
    }

    // ---- from the server, with the lock ----

    void begin(OutputOffsets at) {
        stdout.begin(at.stdout());
        stderr.begin(at.stderr());
    }

    void continueAt(OutputOffsets at) {
        stdout.continueAt(at.stdout());
        stderr.continueAt(at.stderr());
    }

    void received(OutputKind kind, OutputChunk chunk) {
        var data = chunk.getData();
        position(kind).received(chunk.getOffset(), data.size());
        if (window.isDropping(kind)) {
            position(kind).dropped();
        } else {
            window.add(kind, data);
        }
    }

    void gap(OutputGap gap) {
        position(gap.stream()).gap(gap);
    }

    /** The place of the next bytes from the server. */
    OutputOffsets next() {
        return new OutputOffsets(stdout.next(), stderr.next());
    }

    // ---- to the caller ----

    InputStream stream(OutputKind kind) {
        lock.lock();
        try {
            if (listener != null) {
                throw new IllegalStateException("the output goes to a listener");
            }
            streamsUsed = true;
            return kind == OutputKind.STDOUT ? stdoutStream : stderrStream;
        } finally {
            lock.unlock();
        }
    }

    /** The next bytes of one output; null at its end. */
    @Nullable
    ByteString read(OutputKind kind, int most) throws IOException {
        lock.lock();
        try {
            while (true) {
                if (window.isDropping(kind) && session.failure() == null) {
                    throw new IOException(kind + ": was closed");
                }
                noteGaps(kind);
                if (!window.isEmpty(kind)) {
                    var data = window.take(kind, position(kind).untilGap(most));
                    if (data != null) {
                        handedOn(kind, data);
                        return data;
                    }
                } else if (session.failure() != null) {
                    throw StdoutStream.ioException(session.failure());
                } else if (session.exit() != null) {
                    return null;
                } else {
                    session.await(SessionState.FOREVER);
                }
            }
        } catch (InterruptedException e) {
            throw StdoutStream.ioException(SessionState.interrupted(e));
        } catch (HawseException e) {
            throw StdoutStream.ioException(e);
        } finally {
            lock.unlock();
        }
    }

    /** With the lock: what was taken from the window is the caller's now. */
    void handedOn(OutputKind kind, ByteString data) {
        position(kind).handedOn(data.size());
        noteGaps(kind);
    }

    private void noteGaps(OutputKind kind) {
        if (listener == null) {
            for (var gap = position(kind).takeGap();
                    gap != null;
                    gap = position(kind).takeGap()) {
                note(gap);
            }
        }
    }

    private void note(OutputGap gap) {
        if (gaps.size() == GAPS_KEPT) {
            gaps.remove();
        }
        gaps.add(gap);
    }

    void drop(OutputKind kind) {
        lock.lock();
        try {
            window.drop(kind);
            position(kind).dropped();
        } finally {
            lock.unlock();
        }
    }

    void listen(OutputListener to) {
        lock.lock();
        try {
            if (listener != null || streamsUsed) {
                throw new IllegalStateException("the output goes elsewhere already");
            }
            listener = to;
            deliver();
        } finally {
            lock.unlock();
        }
    }

    /** With the lock: sees to it that the listener gets what there is. */
    void deliver() {
        var to = listener;
        if (to != null && !delivering && !isDelivered()) {
            delivering = true;
            executor.execute(() -> deliverAll(to));
        }
    }

    private void deliverAll(OutputListener to) {
        lock.lock();
        try {
            while (!isDelivered()) {
                for (var position : positions) {
                    for (var gap = position.takeGap(); gap != null; gap = position.takeGap()) {
                        var told = gap;
                        note(told);
                        unlocked(() -> to.gap(told));
                    }
                }
                if (!window.isEmpty()) {
                    var kind = window.first();
                    var data = window.take(kind, position(kind).untilGap(Integer.MAX_VALUE));
                    if (data != null) {
                        unlocked(() -> to.output(kind, data.asReadOnlyByteBuffer()));
                        handedOn(kind, data);
                    }
                }
            }
        } catch (Throwable e) {
            session.fail(
                    new HawseException(Code.CANCELLED, "the listener for the output failed: " + e.getMessage(), e));
        } finally {
            delivering = false;
            session.settle();
            lock.unlock();
        }
    }

    private interface Call {
        void run() throws IOException;
    }

    private void unlocked(Call call) throws IOException {
        lock.unlock();
        try {
            call.run();
        } finally {
            lock.lock();
        }
    }

    private boolean isDelivered() {
        return window.isEmpty() && !stdout.isAtGap() && !stderr.isAtGap();
    }

    /** With the lock: whether a listener has yet to get something. */
    boolean isPending() {
        return listener != null && (delivering || !isDelivered());
    }

    /** With the lock. */
    boolean hasListener() {
        return listener != null;
    }

    long missed() {
        lock.lock();
        try {
            return stdout.missing() + stderr.missing();
        } finally {
            lock.unlock();
        }
    }

    List<OutputGap> gaps() {
        lock.lock();
        try {
            return List.copyOf(gaps);
        } finally {
            lock.unlock();
        }
    }

    OutputOffsets delivered() {
        lock.lock();
        try {
            return new OutputOffsets(stdout.delivered(), stderr.delivered());
        } finally {
            lock.unlock();
        }
    }

    private OutputPosition position(OutputKind kind) {
        return kind == OutputKind.STDOUT ? stdout : stderr;
    }
}
