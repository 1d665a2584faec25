package dev.hawse.server.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers calls that have one answer, with the answer or with what {@link StatusMapper} makes of a failure. */
final class Unary {

    private Unary() {}

    /** Answers with what the work gives; on the calling thread, which it may block. */
    static <T> void reply(StreamObserver<T> observer, Supplier<T> work) {
        ignoreCancellation(observer);
        T answer;
        try {
            answer = work.get();
        } catch (Throwable t) {
            observer.onError(StatusMapper.toException(t));
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /** Answers when the future completes, and cancels it when the caller leaves; no thread waits. */
    static <T extends @Nullable Object, R> void replyWhen(
            StreamObserver<R> observer, Supplier<CompletableFuture<T>> work, Function<? super T, R> answer) {
        CompletableFuture<T> future;
        try {
            future = work.get();
        } catch (Throwable t) {
            ignoreCancellation(observer);
            observer.onError(StatusMapper.toException(t));
            return;
        }
        ((ServerCallStreamObserver<R>) observer).setOnCancelHandler(() -> future.cancel(false));
        var _ = future.thenApply(answer).whenComplete((value, failure) -> tell(observer, value, failure));
    }

    /** Answers when the future completes, which it does whether or not the caller stays; no thread waits. */
    static <T extends @Nullable Object, R> void replyWhenDone(
            StreamObserver<R> observer, Supplier<CompletableFuture<T>> work, Function<? super T, R> answer) {
        ignoreCancellation(observer);
        CompletableFuture<T> future;
        try {
            future = work.get();
        } catch (Throwable t) {
            observer.onError(StatusMapper.toException(t));
            return;
        }
        var _ = future.thenApply(answer).whenComplete((value, failure) -> tell(observer, value, failure));
    }

    private static <R> void tell(StreamObserver<R> observer, R value, @Nullable Throwable failure) {
        if (failure != null) {
            observer.onError(StatusMapper.toException(failure));
        } else {
            observer.onNext(value);
            observer.onCompleted();
        }
    }

    /** Without a handler, an answer to a caller who has left throws. */
    private static void ignoreCancellation(StreamObserver<?> observer) {
        ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(() -> {});
    }
}
