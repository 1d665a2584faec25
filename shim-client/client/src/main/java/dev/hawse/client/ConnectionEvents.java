package dev.hawse.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells a session's listener of its connection, in order. The telling is done with the session's lock. */
final class ConnectionEvents {

    private final Executor executor;
    private final AtomicReference<@Nullable ConnectionListener> listener = new AtomicReference<>();
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    ConnectionEvents(Executor executor) {
        this.executor = executor;
    }

    void listen(ConnectionListener to) {
        if (!listener.compareAndSet(null, to)) {
            throw new IllegalStateException("there is a listener already");
        }
    }

    void tell(Consumer<ConnectionListener> event) {
        var to = listener.get();
        if (to != null) {
            last = last.handleAsync(
                    (done, failed) -> {
                        event.accept(to);
                        return null;
                    },
                    executor);
        }
    }
}
