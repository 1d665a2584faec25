package dev.hawse.exec;

import java.util.concurrent.CompletionException;

/** What futures fail with. */
final class RuntimeFailures {

    private RuntimeFailures() {}

    /** The failure itself, whatever it was wrapped in. */
    static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    /** The same, as something that can be thrown again. */
    static RuntimeException rethrown(Throwable thrown) {
        return cause(thrown) instanceof RuntimeException e ? e : new CompletionException(thrown);
    }
}
