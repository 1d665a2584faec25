package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.runtime.Reason;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call frame by frame, at the pace that a test sets: nothing is received that was not asked for. */
final class RawCall<Q, A> {

    private static final int ALL = 1 << 20;

    private final ClientCall<Q, A> call;
    private final BlockingQueue<A> frames = new LinkedBlockingQueue<>();
    private final CompletableFuture<StatusRuntimeException> closed = new CompletableFuture<>();

    private RawCall(Channel channel, MethodDescriptor<Q, A> method) {
        call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(A frame) {
                        frames.add(frame);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        closed.complete(status.asRuntimeException(trailers));
                    }
                },
                new Metadata());
    }

    /** A call that takes frames only as {@link #request} asks for them. */
    static <Q, A> RawCall<Q, A> slow(Channel channel, MethodDescriptor<Q, A> method) {
        return new RawCall<>(channel, method);
    }

    /** A call that takes frames as they come. */
    static <Q, A> RawCall<Q, A> open(Channel channel, MethodDescriptor<Q, A> method) {
        return new RawCall<>(channel, method).request(ALL);
    }

    RawCall<Q, A> request(int frames) {
        call.request(frames);
        return this;
    }

    RawCall<Q, A> requestAll() {
        return request(ALL);
    }

    RawCall<Q, A> send(Q frame) {
        call.sendMessage(frame);
        return this;
    }

    RawCall<Q, A> halfClose() {
        call.halfClose();
        return this;
    }

    void cancel() {
        call.cancel("the test has seen enough", null);
    }

    /** Whether the server has asked for more than was sent. */
    boolean isWanted() {
        return call.isReady();
    }

    void awaitWanted() {
        await().until(call::isReady);
    }

    /** The next frame; fails when none comes within 30 seconds. */
    A next() {
        try {
            var frame = frames.poll(30, TimeUnit.SECONDS);
            assertThat(frame).as("frame; the call: %s", closed.getNow(null)).isNotNull();
            return frame;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** How many frames lie here unread. */
    int pending() {
        return frames.size();
    }

    /** The frames up to the end of the call, which must be OK. */
    List<A> rest() {
        assertThat(end().getStatus().getCode()).as("%s", end()).isEqualTo(Status.Code.OK);
        var rest = new ArrayList<A>();
        frames.drainTo(rest);
        return rest;
    }

    /** How the call ended. */
    StatusRuntimeException end() {
        try {
            return closed.get(30, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the call has not ended within 30 s; it has " + frames, e);
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Expects the call to end with this, and answers its message. */
    String failsWith(Reason reason) {
        ApiFixture.fails(reason, () -> {
            throw end();
        });
        return String.valueOf(end().getStatus().getDescription());
    }
}
