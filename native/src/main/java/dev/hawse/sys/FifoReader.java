package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Pushes every byte of a FIFO into a sink, in order and once, without a thread of its own.
 *
 * <p>Guarantees: the sink is called on the reactor's thread, one call at a time. Unless this is closed before, exactly
 * one {@link Sink#end} comes, as the last call. Nothing is read while it is paused, so that the pipe fills up and the
 * writer waits. All methods may be called from any thread. It owns the descriptor, which is closed before {@code end}.
 */
public final class FifoReader implements AutoCloseable {
    /** Where the bytes go. No method may block. */
    public interface Sink {
        /**
         * Takes bytes. A sink that throws gets {@code end} with that failure, and the reactor's listener is told.
         *
         * @param chunk the sink's to keep, never empty
         * @return false to pause until {@link FifoReader#resume()}; a resume since this call began is not lost
         */
        boolean accept(byte[] chunk);

        /** Nothing more comes: every writer has closed ({@code failure} is null), or reading failed. */
        void end(@Nullable IOException failure);
    }

    /** A descriptor that never runs dry gives way to the others after this many full buffers. */
    private static final int READS_PER_TURN = 4;

    private final Reactor reactor;
    private final Fd fd;
    private final Sink sink;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Registration registration;

    private FifoReader(Reactor reactor, Fd fd, Sink sink) throws IOException {
        this.reactor = reactor;
        this.fd = fd;
        this.sink = sink;
        this.registration = reactor.register(fd, Reactor.Interest.READ, new Pump());
    }

    /** Takes over the descriptor, also when this throws. Nothing is read before {@link #resume()}. */
    public static FifoReader open(Reactor reactor, Fd fd, Sink sink) throws IOException {
        try {
            return new FifoReader(reactor, fd, sink);
        } catch (IOException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Reads on. */
    public void resume() {
        registration.resume();
    }

    /** Stops reading; one call of the sink may be in progress still. */
    public void pause() {
        registration.pause();
    }

    /**
     * Closes without waiting: {@code end} does not begin any more, but one call of the sink may be in progress. Any
     * lock may be held. Idempotent.
     */
    public void cancel() {
        over.set(true);
        fd.close();
    }

    /**
     * Closes for good: when it returns, the sink is not being called and never will be. On the loop's thread that holds
     * at once; elsewhere this waits for a call in progress, so hold no lock that the sink takes (or use
     * {@link #cancel()}). Idempotent.
     */
    @Override
    public void close() {
        cancel();
        registration.close();
    }

    private void finish(@Nullable IOException failure) {
        if (over.compareAndSet(false, true)) {
            fd.close();
            sink.end(failure);
        }
    }

    /** The loop's side. */
    private final class Pump implements Reactor.Handler {
        @Override
        public void onReady() {
            MemorySegment buffer = reactor.readBuffer();
            for (int i = 0; i < READS_PER_TURN && registration.isActive(); i++) {
                int resumes = registration.resumes();
                int count;
                try {
                    count = fd.read(buffer);
                } catch (ClosedChannelException e) {
                    return; // by cancel(), just now
                } catch (IOException e) {
                    finish(e);
                    return;
                }
                if (count == Fd.EOF) {
                    finish(null);
                } else if (count != Fd.WOULD_BLOCK && !over.get() && !offer(copyOut(buffer, count))) {
                    registration.pauseUnlessResumedSince(resumes);
                }
                if (count < buffer.byteSize()) {
                    return; // it was drained: asking again would most likely be in vain
                }
            }
        }

        @Override
        public void onReactorClosed() {
            finish(new IOException(fd + ": reactor closed"));
        }

        private boolean offer(byte[] chunk) {
            try {
                return sink.accept(chunk);
            } catch (RuntimeException | Error e) {
                finish(new IOException(fd + ": sink failed", e));
                throw e;
            }
        }
    }

    /** The one place where bytes that were read are copied; the chunk is as large as what was there. */
    private static byte[] copyOut(MemorySegment buffer, int count) {
        return buffer.asSlice(0, count).toArray(JAVA_BYTE);
    }
}
