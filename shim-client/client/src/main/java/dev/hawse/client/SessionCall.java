package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.client.HawseException.Code;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A process behind one call: what exec, run and attach have in common. The thread that moves bytes calls the listener at
 * the end and takes the lock for moments only; everybody else waits on one condition for whatever they wait for. The
 * file is long since all of this happens under one lock and can only be checked together.
 */
abstract class SessionCall<Q, R> {

    /** Input in one frame. With gRPC's own 32 KiB this is all that waits on this side. */
    private static final int MAX_INPUT = 64 << 10;

    private static final long FOREVER = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ClientCall<Q, R> call;
    private final Failures failures;
    private final Executor executor;
    private final OutputWindow window;
    private final boolean stdinWanted;
    private final boolean endsWithCall;
    private final StdinStream stdin = new StdinStream(this);
    private final StdoutStream stdout = new StdoutStream(this, OutputKind.STDOUT);
    private final StdoutStream stderr = new StdoutStream(this, OutputKind.STDERR);
    private final CompletableFuture<ProcessExit> ended = new CompletableFuture<>();

    private boolean opened;
    private boolean streamsUsed;
    private @Nullable OutputListener listener;
    private boolean delivering;
    private boolean futureWanted;
    private boolean eofSent;
    private @Nullable TerminalSize unsentSize;
    private long missed;
    private @Nullable ProcessExit exit;
    private boolean callClosed;
    private @Nullable HawseException failure;

    /** {@code endsWithCall}: whether the end is only told when the call has ended too, because something follows it. */
    SessionCall(Connection connection, ClientCall<Q, R> call, boolean stdinWanted, boolean endsWithCall) {
        this.call = call;
        this.failures = connection.failures();
        this.executor = connection.executor();
        this.stdinWanted = stdinWanted;
        this.endsWithCall = endsWithCall;
        this.window = new OutputWindow(
                lock, changed, () -> call.request(1), connection.outputWindow(), connection.spillDirectory());
    }

    abstract Q inputFrame(ByteString data);

    abstract Q eofFrame();

    abstract Q resizeFrame(TerminalSize size);

    abstract Q signalFrame(String signal);

    /** Tells what a frame is to the methods below; called with the lock, must not block. */
    abstract void received(R frame);

    // ---- frames from the server, with the lock ----

    final void headReceived() {
        opened = true;
    }

    final void outputReceived(OutputKind kind, ByteString data) {
        window.add(kind, data);
    }

    final void gapReceived(long bytes) {
        missed += bytes;
    }

    final void exitReceived(ProcessExited frame) {
        exit = ProcessMapper.exit(frame);
    }

    // ---- the beginning ----

    final void start(Q first) {
        call.start(new Receiver(), new Metadata());
        call.sendMessage(first);
        call.request(1);
    }

    /** Waits until the process runs, or has ended, or never will. */
    final void awaitOpen(Duration within) {
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
    final @Nullable ExitStatus spawnFailure() {
        lock.lock();
        try {
            return opened || exit == null ? null : exit.status();
        } finally {
            lock.unlock();
        }
    }

    // ---- input ----

    public final OutputStream stdin() {
        return stdin;
    }

    /** Sends input piece by piece, each when there is room for it. */
    final void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        while (at < offset + length) {
            int size = Math.min(MAX_INPUT, offset + length - at);
            lock.lock();
            try {
                for (checkInput(); !call.isReady(); checkInput()) {
                    await(FOREVER);
                }
                call.sendMessage(inputFrame(ByteString.copyFrom(bytes, at, size)));
            } catch (HawseException e) {
                throw StdoutStream.ioException(e);
            } finally {
                lock.unlock();
            }
            at += size;
        }
    }

    private void checkInput() throws IOException {
        if (!stdinWanted) {
            throw new IOException("stdin: the process was started without input");
        }
        if (eofSent) {
            throw new IOException("stdin: was closed");
        }
        if (exit != null) {
            throw new IOException("stdin: the process has ended with " + exit.status());
        }
        if (failure != null) {
            throw StdoutStream.ioException(failure);
        }
    }

    final void endInput() {
        lock.lock();
        try {
            if (stdinWanted && !eofSent && !isOver()) {
                call.sendMessage(eofFrame());
            }
            eofSent = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public final void resize(TerminalSize size) {
        lock.lock();
        try {
            unsentSize = size;
            sendSize();
        } finally {
            lock.unlock();
        }
    }

    private void sendSize() {
        if (unsentSize != null && call.isReady() && !isOver()) {
            call.sendMessage(resizeFrame(unsentSize));
            unsentSize = null;
        }
    }

    public final void signal(String signal) {
        lock.lock();
        try {
            if (!isOver()) {
                call.sendMessage(signalFrame(signal));
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- output ----

    public final InputStream stdout() {
        return stream(stdout);
    }

    public final InputStream stderr() {
        return stream(stderr);
    }

    private InputStream stream(InputStream stream) {
        lock.lock();
        try {
            if (listener != null) {
                throw new IllegalStateException("the output goes to a listener");
            }
            streamsUsed = true;
            return stream;
        } finally {
            lock.unlock();
        }
    }

    /** The next bytes of one output; null at its end. */
    final @Nullable ByteString read(OutputKind kind, int most) throws IOException {
        lock.lock();
        try {
            while (true) {
                if (window.isDropping(kind) && failure == null) {
                    throw new IOException(kind + ": was closed");
                }
                if (!window.isEmpty(kind)) {
                    var data = window.take(kind, most);
                    if (data != null) {
                        return data;
                    }
                } else if (failure != null) {
                    throw StdoutStream.ioException(failure);
                } else if (exit != null) {
                    return null;
                } else {
                    await(FOREVER);
                }
            }
        } catch (InterruptedException e) {
            throw StdoutStream.ioException(interrupted(e));
        } catch (HawseException e) {
            throw StdoutStream.ioException(e);
        } finally {
            lock.unlock();
        }
    }

    final void drop(OutputKind kind) {
        lock.lock();
        try {
            window.drop(kind);
        } finally {
            lock.unlock();
        }
    }

    public final void onOutput(OutputListener to) {
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

    private void deliver() {
        var to = listener;
        if (to != null && !delivering && !window.isEmpty()) {
            delivering = true;
            executor.execute(() -> deliverAll(to));
        }
    }

    private void deliverAll(OutputListener to) {
        lock.lock();
        try {
            while (!window.isEmpty()) {
                var kind = window.first();
                var data = window.take(kind, Integer.MAX_VALUE);
                if (data != null) {
                    lock.unlock();
                    try {
                        to.output(kind, data.asReadOnlyByteBuffer());
                    } finally {
                        lock.lock();
                    }
                }
            }
        } catch (Throwable e) {
            fail(new HawseException(Code.CANCELLED, "the listener for the output failed: " + e.getMessage(), e));
        } finally {
            delivering = false;
            settle();
            lock.unlock();
        }
    }

    public final long missedBytes() {
        lock.lock();
        try {
            return missed;
        } finally {
            lock.unlock();
        }
    }

    // ---- the end ----

    /** Whether nothing more can be sent. */
    private boolean isOver() {
        return exit != null || failure != null || callClosed;
    }

    /** The end, once it may be told. */
    private @Nullable ProcessExit toldExit() {
        boolean delivered = listener == null || (!delivering && window.isEmpty());
        return delivered && (!endsWithCall || callClosed) ? exit : null;
    }

    public final ProcessExit awaitExit() {
        var result = awaitExit(FOREVER);
        if (result == null) {
            throw new AssertionError("a wait without limit has run out");
        }
        return result;
    }

    public final Optional<ProcessExit> awaitExit(Duration time) {
        return Optional.ofNullable(awaitExit(System.nanoTime() + time.toNanos()));
    }

    private @Nullable ProcessExit awaitExit(long until) {
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

    public final CompletableFuture<ProcessExit> onExit() {
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
    private void settle() {
        changed.signalAll();
        if (!futureWanted || ended.isDone()) {
            return;
        }
        var told = toldExit();
        var failed = failure;
        if (failed != null) {
            executor.execute(() -> ended.completeExceptionally(failed));
        } else if (told != null) {
            executor.execute(() -> ended.complete(told));
        } else if (window.isPaused() && listener == null) {
            executor.execute(this::relieve);
        }
    }

    private void relieve() {
        lock.lock();
        try {
            while (window.isPaused() && !isOver()) {
                long wait = window.makeRoom();
                if (wait > 0) {
                    if (wait < FOREVER) {
                        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS, executor)
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
    private void fail(HawseException why) {
        if (failure == null && (exit == null || toldExit() == null)) {
            failure = why;
        }
        window.close();
        call.cancel(why.getMessage(), why);
        settle();
    }

    public final void close() {
        lock.lock();
        try {
            window.close();
            // After the end the server ends the call by itself; what follows the end of a run is not to be cut off.
            if (exit == null && !callClosed) {
                call.cancel("closed by the caller", null);
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
    private boolean await(long until) {
        try {
            long patience = listener == null && window.isPaused() ? window.makeRoom() : FOREVER;
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

    private HawseException endWithoutExit(Status status, Metadata trailers) {
        return switch (status.getCode()) {
            case OK ->
                new HawseException(
                        Code.DATA_LOSS, "the server ended the stream before it told how the process ended", null);
            // Nobody here cancelled, or there would be a failure already.
            case CANCELLED -> new HawseException(Code.UNAVAILABLE, "the server broke the stream off", null);
            default -> explain(failures.from(status, trailers, null));
        };
    }

    private static HawseException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HawseException(Code.CANCELLED, "the thread was interrupted while it waited", e);
    }

    private static HawseException noSpace(IOException e) {
        return new HawseException(
                Code.RESOURCE_EXHAUSTED,
                "output that nobody read could not be written to a file: " + e.getMessage(),
                e);
    }

    // ---- everything at once ----

    /** Sends all input and collects all output, on this thread and without files. For who began the call. */
    final ExecResult collect(RunOptions options) {
        var out = new CappedBytes(options.outputLimit());
        var err = new CappedBytes(options.outputLimit());
        byte[] input = options.input();
        int sent = 0;
        lock.lock();
        try {
            while (true) {
                out.takeAll(window, OutputKind.STDOUT);
                err.takeAll(window, OutputKind.STDERR);
                if (failure != null) {
                    throw failure;
                }
                if (exit != null) {
                    return new ExecResult(
                            out.toByteArray(), err.toByteArray(), out.truncated() || err.truncated(), exit);
                }
                if (sent < input.length && call.isReady()) {
                    int size = Math.min(MAX_INPUT, input.length - sent);
                    call.sendMessage(inputFrame(ByteString.copyFrom(input, sent, size)));
                    sent += size;
                } else if (sent == input.length && stdinWanted && !eofSent) {
                    call.sendMessage(eofFrame());
                    eofSent = true;
                } else {
                    changed.await();
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
            close();
        }
    }

    /** What the call's own failure means here. */
    HawseException explain(HawseException e) {
        return e;
    }

    private final class Receiver extends ClientCall.Listener<R> {
        @Override
        public void onMessage(R frame) {
            lock.lock();
            try {
                received(frame);
                window.requestNext();
                deliver();
                settle();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onReady() {
            lock.lock();
            try {
                sendSize();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            lock.lock();
            try {
                callClosed = true;
                if (exit == null && failure == null) {
                    failure = endWithoutExit(status, trailers);
                }
                settle();
            } finally {
                lock.unlock();
            }
        }
    }
}
