package dev.hawse.client;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What all sessions have in common: their parts, as the caller sees them. */
abstract class SessionCall {

    private final SessionState state;

    SessionCall(SessionState state) {
        this.state = state;
    }

    final SessionState state() {
        return state;
    }

    final void awaitOpen(Duration within) {
        state.awaitOpen(within);
    }

    /** The end, when it came before anything ran. */
    final @Nullable ExitStatus spawnFailure() {
        return state.spawnFailure();
    }

    public final OutputStream stdin() {
        return state.input().stream();
    }

    public final void resize(TerminalSize size) {
        state.input().resize(size);
    }

    public final void signal(String signal) {
        signal(signal, SignalScope.PROCESS);
    }

    public final void signal(String signal, SignalScope scope) {
        state.input().signal(signal, scope);
    }

    public final InputStream stdout() {
        return state.output().stream(OutputKind.STDOUT);
    }

    public final InputStream stderr() {
        return state.output().stream(OutputKind.STDERR);
    }

    public final void onOutput(OutputListener to) {
        state.output().listen(to);
    }

    public final long missedBytes() {
        return state.output().missed();
    }

    public final List<OutputGap> gaps() {
        return state.output().gaps();
    }

    public final ProcessExit awaitExit() {
        var exit = state.awaitExit(SessionState.FOREVER);
        if (exit == null) {
            throw new AssertionError("a wait without limit has run out");
        }
        return exit;
    }

    public final Optional<ProcessExit> awaitExit(Duration time) {
        return Optional.ofNullable(state.awaitExit(System.nanoTime() + time.toNanos()));
    }

    public final CompletableFuture<ProcessExit> onExit() {
        return state.onExit();
    }

    public final void close() {
        state.close();
    }
}
