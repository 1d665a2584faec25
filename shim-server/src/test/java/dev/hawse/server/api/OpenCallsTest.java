package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.api.runtime.v1.EventServiceGrpc;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.api.runtime.v1.WatchEventsResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OpenCallsTest {

    private final OpenCalls calls = new OpenCalls();
    private final CompletableFuture<ServerCallStreamObserver<ExecResponse>> exec = new CompletableFuture<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void open() throws IOException {
        var name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .intercept(calls)
                .addService(new ExecServiceGrpc.ExecServiceImplBase() {
                    @Override
                    public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> responses) {
                        var call = (ServerCallStreamObserver<ExecResponse>) responses;
                        call.setOnCancelHandler(cancelled::countDown);
                        exec.complete(call);
                        return new Frames<>(frame -> {
                            throw new IllegalStateException("secret");
                        });
                    }
                })
                .addService(new EventServiceGrpc.EventServiceImplBase() {
                    @Override
                    public void watchEvents(WatchEventsRequest request, StreamObserver<WatchEventsResponse> responses) {
                        responses.onNext(WatchEventsResponse.getDefaultInstance());
                    }
                })
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        server.shutdownNow();
        await().until(server::isTerminated);
    }

    private static Status statusOf(CompletableFuture<@Nullable Void> end) throws Exception {
        try {
            end.get(10, TimeUnit.SECONDS);
            return Status.OK;
        } catch (ExecutionException e) {
            assertThat(ApiFixture.errorInfo(Objects.requireNonNull(e.getCause()))
                            .getDomain())
                    .isEqualTo("hawse.dev");
            return Status.fromThrowable(e.getCause());
        }
    }

    @Test
    void whatOnlyWatchesEndsFirstAndTheRestWhenItMust() throws Exception {
        var watching = new Frames<WatchEventsResponse>(_ -> {});
        EventServiceGrpc.newStub(channel).watchEvents(WatchEventsRequest.getDefaultInstance(), watching);
        var executing = new Frames<ExecResponse>(_ -> {});
        ExecServiceGrpc.newStub(channel).exec(executing);
        await().until(() -> calls.count() == 2);

        calls.endWatching();

        assertThat(statusOf(watching.end).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(executing.end).isNotDone();
        await().until(() -> calls.count() == 1);

        calls.endAll();

        assertThat(statusOf(executing.end).getDescription()).contains("shutting down");
        assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> calls.count() == 0);
    }

    @Test
    void aHandlerMayGoOnSendingToACallThatWasEnded() throws Exception {
        var executing = new Frames<ExecResponse>(_ -> {});
        ExecServiceGrpc.newStub(channel).exec(executing);
        var handler = exec.get(10, TimeUnit.SECONDS);

        calls.endAll();
        handler.onNext(ExecResponse.getDefaultInstance());
        handler.onCompleted();

        assertThat(statusOf(executing.end).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void whatAHandlerThrowsEndsItsCallAndTellsNothing() throws Exception {
        var executing = new Frames<ExecResponse>(_ -> {});
        ExecServiceGrpc.newStub(channel).exec(executing).onNext(ExecRequest.getDefaultInstance());

        var status = statusOf(executing.end);

        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription()).doesNotContain("secret");
        assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Takes frames, and tells of the end. */
    private record Frames<T>(Consumer<T> frames, CompletableFuture<@Nullable Void> end) implements StreamObserver<T> {

        Frames(Consumer<T> frames) {
            this(frames, new CompletableFuture<>());
        }

        @Override
        public void onNext(T frame) {
            frames.accept(frame);
        }

        @Override
        public void onError(Throwable t) {
            end.completeExceptionally(t);
        }

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }
}
