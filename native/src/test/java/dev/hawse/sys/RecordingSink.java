package dev.hawse.sys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps all it gets; {@link #awaitEnd()} hands it over. */
class RecordingSink implements FifoReader.Sink {
    final AtomicInteger ends = new AtomicInteger();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> end = new CompletableFuture<>();

    @Override
    public boolean accept(byte[] chunk) {
        bytes.writeBytes(chunk);
        return true;
    }

    @Override
    public void end(@Nullable IOException failure) {
        ends.incrementAndGet();
        if (failure == null) {
            end.complete(bytes.toByteArray());
        } else {
            end.completeExceptionally(failure);
        }
    }

    byte[] awaitEnd() throws InterruptedException, ExecutionException, TimeoutException {
        return end.get(20, TimeUnit.SECONDS);
    }
}
