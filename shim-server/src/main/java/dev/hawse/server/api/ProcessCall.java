package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import dev.hawse.sys.Reactors;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One stream between a caller and a process; what exec, run and attach have in common.
 *
 * <p>Nothing here blocks but {@link #open}, which runs on a worker. A frame of input is asked for when the one before it was
 * taken by the process, so a process that does not read holds its caller back. Output goes out while the caller takes it.
 * Frames are sent under the monitor, since answers come from several threads; exactly one end is sent.
 *
 * @param <Q> frames from the caller
 * @param <R> frames to it
 */
abstract class ProcessCall<Q, R> implements StreamObserver<Q>, OutputSink {

    private static final int MAX_INPUT = 1 << 20;

    private final ServerCallStreamObserver<R> out;
    private final Executor workers;
    private @Nullable ProcessSession session;
    private boolean starting;
    private boolean inputEnded;
    private boolean gone;
    private boolean done;

    ProcessCall(StreamObserver<R> responses, Executor workers) {
        this.out = (ServerCallStreamObserver<R>) responses;
        this.workers = workers;
    }

    /** What a frame from the caller says. */
    sealed interface Input<Q> {
        record Start<Q>(Q frame) implements Input<Q> {}

        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Stdin<Q>(byte[] bytes) implements Input<Q> {}

        record StdinEof<Q>() implements Input<Q> {}

        record Resize<Q>(TerminalSize size) implements Input<Q> {}

        record SendSignal<Q>(Signal signal, SignalScope scope) implements Input<Q> {
            static <Q> SendSignal<Q> of(SignalFrame frame) {
                return new SendSignal<>(Signal.parse(frame.getSignal()), ProcessMapper.scope(frame.getScope()));
            }
        }
    }

    /** Reads a frame; throws {@link RuntimeFailure} for one that means nothing. */
    abstract Input<Q> parse(Q frame);

    /**
     * Opens the session and sends what tells of it; the answer is null when the call has been ended already. May block, but
     * the thread that completes the answer is not blocked.
     *
     * @throws RuntimeFailure to end the call, as an answer that fails with one does
     */
    abstract CompletionStage<@Nullable ProcessSession> open(Q start);

    abstract R output(OutputKind stream, OutputFrame frame);

    abstract R exitedFrame(ProcessExit exit);

    abstract R gapFrame(OutputGap gap);

    /** Whether the end of the caller's stream is the end of the process's input. */
    abstract boolean halfCloseEndsInput();

    /** Refuses input that this call may not give; by a {@link RuntimeFailure}. */
    void checkInput() {}

    /** The caller has gone before the end. */
    void callerGone() {}

    /** Whether it has. Whoever hands {@link #callerGone} something to do asks this afterwards: it may have run before. */
    final synchronized boolean isCallerGone() {
        return gone;
    }

    /** Some output and its place in its stream. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record OutputFrame(long offset, byte[] bytes) {}

    /** Begins to listen; called once, from the service's method. */
    final ProcessCall<Q, R> begin() {
        out.disableAutoRequest();
        out.setOnReadyHandler(this::onReady);
        out.setOnCancelHandler(this::leave);
        out.request(1);
        return this;
    }

    @Override
    public final void onNext(Q frame) {
        try {
            take(parse(frame));
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void take(Input<Q> input) {
        if (input instanceof Input.Start<Q> start) {
            start(start.frame());
            return;
        }
        var open = session();
        if (open == null) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "the first frame must be start");
        }
        switch (input) {
            case Input.Start<Q> _ -> throw new IllegalStateException("handled above");
            case Input.Stdin<Q>(var bytes) -> {
                write(open, bytes);
                return;
            }
            case Input.StdinEof<Q> _ -> {
                checkInput();
                endInput();
            }
            case Input.Resize<Q>(var size) -> open.resize(size);
            case Input.SendSignal<Q>(var signal, var scope) -> open.signal(signal, scope);
        }
        out.request(1);
    }

    private void write(ProcessSession open, byte[] bytes) {
        checkInput();
        if (isInputEnded()) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: it came after the end of input");
        }
        if (bytes.length > MAX_INPUT) {
            throw RuntimeFailure.invalid("stdin", "a frame must be at most 1 MiB (got " + bytes.length + " bytes)");
        }
        if (bytes.length == 0) {
            out.request(1);
            return;
        }
        open.write(bytes, () -> out.request(1));
    }

    private synchronized boolean isInputEnded() {
        return inputEnded;
    }

    /** Once: on a terminal, a second end would be typed too. */
    private void endInput() {
        ProcessSession open;
        synchronized (this) {
            if (inputEnded) {
                return;
            }
            inputEnded = true;
            open = session;
        }
        if (open != null) {
            open.endInput();
        }
    }

    private void start(Q frame) {
        synchronized (this) {
            if (starting) {
                throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "start must come once; this is the second");
            }
            starting = true;
        }
        // This is the thread that sends what the process writes.
        workers.execute(Reactors.keepNear(() -> openOn(frame)));
    }

    private void openOn(Q frame) {
        if (isCallerGone()) {
            return;
        }
        try {
            var _ = open(frame).handle(this::opened);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private @Nullable Void opened(@Nullable ProcessSession opened, @Nullable Throwable failure) {
        if (failure != null) {
            fail(failure);
        } else if (opened != null) {
            opened(opened);
        }
        return null;
    }

    private void opened(ProcessSession opened) {
        boolean tooLate;
        boolean endInput;
        synchronized (this) {
            tooLate = gone || done;
            session = opened;
            endInput = inputEnded;
        }
        if (tooLate) {
            opened.close();
            return;
        }
        if (endInput) {
            opened.endInput();
        }
        onReady();
        out.request(1);
    }

    private synchronized @Nullable ProcessSession session() {
        return session;
    }

    @Override
    public final void onCompleted() {
        if (!hasStart()) {
            fail(RuntimeFailure.of(
                    Reason.PROTOCOL_VIOLATION, "the first frame must be start; the call ended before it"));
        } else if (halfCloseEndsInput()) {
            endInput();
        }
    }

    private synchronized boolean hasStart() {
        return starting;
    }

    @Override
    public final void onError(Throwable cancelled) {
        leave();
    }

    /** May come more often than the transport has room: a late wake-up must not push one more frame. */
    private void onReady() {
        var open = session();
        if (open != null && out.isReady()) {
            open.resumeOutput();
        }
    }

    /** The caller cancelled, ran out of its deadline, or is gone. */
    private void leave() {
        ProcessSession open;
        synchronized (this) {
            if (gone || done) {
                return;
            }
            gone = true;
            open = session;
        }
        if (open != null) {
            open.close();
        }
        callerGone();
    }

    @Override
    public final boolean output(OutputKind stream, long offset, byte[] bytes) {
        return send(output(stream, new OutputFrame(offset, bytes)));
    }

    @Override
    public final void gap(OutputKind stream, long from, long to, GapCause cause) {
        send(gapFrame(ProcessMapper.gap(stream, from, to, cause)));
    }

    @Override
    public void exited(ProcessExit exit) {
        end(exitedFrame(exit));
    }

    /** Sends a frame and says whether the next one is wanted now. */
    final synchronized boolean send(R frame) {
        if (gone || done) {
            return false;
        }
        out.onNext(frame);
        return out.isReady();
    }

    /** Sends the last frame. */
    final synchronized void end(R frame) {
        if (!gone && !done) {
            done = true;
            out.onNext(frame);
            out.onCompleted();
        }
    }

    /** Ends the call with what went wrong, and lets go of the process. */
    final void fail(Throwable failure) {
        ProcessSession open;
        synchronized (this) {
            if (gone || done) {
                return;
            }
            done = true;
            open = session;
            out.onError(StatusMapper.toException(failure));
        }
        if (open != null) {
            open.close();
        }
        callerGone();
    }
}
