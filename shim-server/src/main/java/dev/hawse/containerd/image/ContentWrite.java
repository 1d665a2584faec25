package dev.hawse.containerd.image;

import com.google.protobuf.UnsafeByteOperations;
import dev.hawse.containerd.api.services.content.v1.AbortRequest;
import dev.hawse.containerd.api.services.content.v1.StatusRequest;
import dev.hawse.containerd.api.services.content.v1.WriteAction;
import dev.hawse.containerd.api.services.content.v1.WriteContentRequest;
import dev.hawse.containerd.api.services.content.v1.WriteContentResponse;
import dev.hawse.containerd.client.ContainerdClient;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One write of content into containerd, by one thread. At most {@link #WINDOW} chunks are under way at once. Closing it
 * before the commit takes back what was written.
 */
final class ContentWrite implements AutoCloseable {

    static final int CHUNK = 256 << 10;

    private static final int WINDOW = 8;
    private static final long ANSWER_SECONDS = 60;
    /** A commit flushes gigabytes to the disk. */
    private static final long COMMIT_SECONDS = 600;

    private static final int ABORT_TRIES = 40;
    private static final Logger log = LoggerFactory.getLogger(ContentWrite.class);

    private final ContainerdClient client;
    private final String ref;
    private final long total;
    private final BlockingClientCall<WriteContentRequest, WriteContentResponse> call;
    private long sent;
    private int unanswered;
    private String digest = "";
    private boolean ended;

    ContentWrite(ContainerdClient client, String ref, long total) {
        this.client = client;
        this.ref = ref;
        this.total = total;
        this.call = client.contentWrites().write();
    }

    /** How much containerd has already: all of it when another namespace holds it. */
    long open(String expected) throws StatusException, InterruptedIOException {
        send(WriteContentRequest.newBuilder()
                .setAction(WriteAction.STAT)
                .setRef(ref)
                .setTotal(total)
                .setExpected(expected)
                .build());
        return answer(ANSWER_SECONDS).getOffset();
    }

    /** The bytes belong to this write from now on. */
    void write(byte[] bytes, int length) throws StatusException, InterruptedIOException {
        while (unanswered >= WINDOW) {
            digest = answer(ANSWER_SECONDS).getDigest();
        }
        send(WriteContentRequest.newBuilder()
                .setAction(WriteAction.WRITE)
                .setRef(ref)
                .setTotal(total)
                .setOffset(sent)
                .setData(UnsafeByteOperations.unsafeWrap(bytes, 0, length))
                .build());
        sent += length;
    }

    /** Waits until containerd has all that was written, and tells its digest. */
    String finish() throws StatusException, InterruptedIOException {
        while (unanswered > 0) {
            digest = answer(ANSWER_SECONDS).getDigest();
        }
        return digest;
    }

    /** After {@link #finish}, or after {@link #open} has told that all of it is there. */
    void commit() throws StatusException, InterruptedIOException {
        commit(WriteContentRequest.newBuilder().setOffset(total), COMMIT_SECONDS);
    }

    /** Writes and commits in one message. */
    void commit(byte[] all) throws StatusException, InterruptedIOException {
        commit(WriteContentRequest.newBuilder().setData(UnsafeByteOperations.unsafeWrap(all)), ANSWER_SECONDS);
    }

    /**
     * The message does not say which digest is expected. containerd would look for that before it commits, and answer
     * without putting what it finds under the lease; the commit itself finds it and protects it in one step.
     */
    private void commit(WriteContentRequest.Builder request, long seconds)
            throws StatusException, InterruptedIOException {
        send(request.setAction(WriteAction.COMMIT).setRef(ref).setTotal(total).build());
        try {
            answer(seconds);
        } catch (StatusException e) {
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
        ended();
    }

    /** Nothing is left to take back: committed, or found to be there. */
    void ended() {
        ended = true;
    }

    private void send(WriteContentRequest request) throws StatusException, InterruptedIOException {
        try {
            if (call.write(request, ANSWER_SECONDS, TimeUnit.SECONDS)) {
                unanswered++;
                return;
            }
            // Refused only by a call that has ended; reading tells how.
            while (call.read(ANSWER_SECONDS, TimeUnit.SECONDS) != null) {
                unanswered--;
            }
            throw Status.UNAVAILABLE.withDescription("the write was ended").asException();
        } catch (InterruptedException _) {
            throw interrupted();
        } catch (TimeoutException _) {
            throw Status.DEADLINE_EXCEEDED.asException();
        }
    }

    private WriteContentResponse answer(long seconds) throws StatusException, InterruptedIOException {
        try {
            var answer = call.read(seconds, TimeUnit.SECONDS);
            if (answer == null) {
                throw Status.UNAVAILABLE.withDescription("the write was ended").asException();
            }
            unanswered--;
            return answer;
        } catch (InterruptedException _) {
            throw interrupted();
        } catch (TimeoutException _) {
            throw Status.DEADLINE_EXCEEDED.asException();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    @Override
    public void close() {
        if (ended) {
            call.halfClose();
            ContainerdClient.despiteCancellation(this::drain);
            return;
        }
        call.cancel("given up", null);
        ContainerdClient.despiteCancellation(() -> {
            drain();
            abort();
        });
    }

    /** What is not read keeps its buffer for ever, and containerd answers a commit twice. */
    private void drain() {
        try {
            while (call.read(ANSWER_SECONDS, TimeUnit.SECONDS) != null) {
                unanswered--;
            }
        } catch (StatusException e) {
            log.trace("write {} ended with {}", ref, e.getStatus());
        } catch (TimeoutException _) {
            call.cancel("containerd did not end the write", null);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** containerd may still hold the write for a moment after the cancellation, and would then keep or make it anew. */
    private void abort() {
        for (var i = 0; i < ABORT_TRIES; i++) {
            try {
                client.content().abort(AbortRequest.newBuilder().setRef(ref).build());
                client.content().status(StatusRequest.newBuilder().setRef(ref).build());
            } catch (StatusRuntimeException e) {
                switch (e.getStatus().getCode()) {
                    case NOT_FOUND -> {
                        return;
                    }
                    case UNAVAILABLE -> log.debug("ingest {} is still held", ref);
                    default -> {
                        log.warn("ingest {} could not be aborted and goes with its lease: {}", ref, e.getStatus());
                        return;
                    }
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        log.warn("ingest {} is held by somebody and goes with its lease", ref);
    }
}
