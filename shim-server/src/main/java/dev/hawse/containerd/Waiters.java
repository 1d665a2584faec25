package dev.hawse.containerd;

import dev.hawse.runtime.RuntimeFailure;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Callers who wait for the same thing, each with a future of its own: what one does to it the others do not see, and one
 * that is cancelled is forgotten at once, however long the rest go on waiting.
 */
final class Waiters<T> {

    private final Map<Object, CompletableFuture<@Nullable T>> waiting = new ConcurrentHashMap<>();

    CompletableFuture<@Nullable T> add() {
        var future = new CompletableFuture<@Nullable T>();
        var key = new Object();
        waiting.put(key, future);
        var _ = future.whenComplete((_, _) -> waiting.remove(key));
        return future;
    }

    void tell(@Nullable T answer) {
        waiting.values().forEach(future -> future.complete(answer));
    }

    void fail(RuntimeFailure failure) {
        waiting.values().forEach(future -> future.completeExceptionally(failure));
    }
}
