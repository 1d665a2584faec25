package dev.hawse.state;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the tests of the store write and wait for. */
final class Records {

    static final Instant NOW = Instant.parse("2026-11-21T10:00:00.123456789Z");

    private Records() {}

    static ExecRecord pending(String id, @Nullable String hash) {
        return ExecRecord.pending(id, "c1", "CONTAINERD", hash, "{\"args\":[\"true\"]}", NOW, "boot-1");
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError(e);
        }
    }
}
