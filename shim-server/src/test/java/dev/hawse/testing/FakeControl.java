package dev.hawse.testing;

import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import java.util.concurrent.CompletableFuture;

/** The hold on a command in memory. */
record FakeControl(FakeProcess process) implements ExecControl {

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        process.input(bytes, accepted);
    }

    @Override
    public void endInput() {
        process.endInput();
    }

    @Override
    public void resize(TerminalSize size) {
        process.resize(size);
    }

    @Override
    public CompletableFuture<Void> signal(Signal signal, SignalScope scope) {
        process.signal(signal, scope);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public boolean hasExited() {
        return !process.running();
    }

    @Override
    public void release() {
        process.release();
    }
}
