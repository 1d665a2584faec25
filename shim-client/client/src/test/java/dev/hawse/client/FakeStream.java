package dev.hawse.client;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A server's side of one bidi call as a script sees it, which runs in a thread of its own and may block. */
final class FakeStream<Q, R> implements StreamObserver<Q> {

    /** What the server does in one call. Its end ends the call. */
    interface Script<Q, R> {
        void run(FakeStream<Q, R> stream) throws Exception;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ServerCallStreamObserver<R> out;
    private final ArrayDeque<Q> received = new ArrayDeque<>();
    private boolean halfClosed;
    private boolean cancelled;

    private FakeStream(ServerCallStreamObserver<R> out) {
        this.out = out;
    }

    static <Q, R> StreamObserver<Q> open(StreamObserver<R> responses, Script<Q, R> script) {
        var out = (ServerCallStreamObserver<R>) responses;
        var stream = new FakeStream<Q, R>(out);
        out.disableAutoRequest();
        out.setOnReadyHandler(stream::wake);
        out.setOnCancelHandler(() -> stream.change(() -> stream.cancelled = true));
        var thread = new Thread(
                () -> {
                    try {
                        script.run(stream);
                        out.onCompleted();
                    } catch (Exception e) {
                        if (!out.isCancelled()) {
                            out.onError(Status.fromThrowable(e).asException(Status.trailersFromThrowable(e)));
                        }
                    }
                },
                "fake-server-call");
        thread.setDaemon(true);
        thread.start();
        return stream;
    }

    /** The next frame, which must come. */
    Q next() throws InterruptedException {
        var frame = nextOrEnd();
        if (frame == null) {
            throw new IllegalStateException("the client half-closed");
        }
        return frame;
    }

    /** The next frame; null when the client half-closed. */
    @Nullable
    Q nextOrEnd() throws InterruptedException {
        lock.lock();
        try {
            if (received.isEmpty() && !halfClosed) {
                out.request(1);
            }
            while (received.isEmpty() && !halfClosed) {
                check();
                changed.await();
            }
            return received.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Sends as soon as the client takes more. */
    void send(R frame) throws InterruptedException {
        lock.lock();
        try {
            while (!out.isReady()) {
                check();
                changed.await();
            }
            out.onNext(frame);
        } finally {
            lock.unlock();
        }
    }

    boolean isReady() {
        return out.isReady();
    }

    void awaitCancel() throws InterruptedException {
        lock.lock();
        try {
            while (!cancelled) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void check() {
        if (cancelled) {
            throw Status.CANCELLED.asRuntimeException();
        }
    }

    private void wake() {
        change(() -> {});
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onNext(Q frame) {
        change(() -> received.add(frame));
    }

    @Override
    public void onError(Throwable t) {
        change(() -> cancelled = true);
    }

    @Override
    public void onCompleted() {
        change(() -> halfClosed = true);
    }
}
