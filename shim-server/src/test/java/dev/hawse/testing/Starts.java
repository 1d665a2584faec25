package dev.hawse.testing;

import dev.hawse.runtime.ExecStart;
import dev.hawse.runtime.RuntimeFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Waits for what comes of starting a command. */
public final class Starts {

    private Starts() {}

    /** What the start came to, within two minutes; throws the {@link RuntimeFailure} that it failed with. */
    public static ExecStart await(CompletableFuture<ExecStart> start) {
        try {
            return start.orTimeout(2, TimeUnit.MINUTES).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeFailure failure) {
                throw failure;
            }
            throw e;
        }
    }
}
