package dev.hawse.exec;

import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import java.util.concurrent.CompletableFuture;

/** The hold on a process that is not there any more: everything is taken, and nothing comes of it. */
enum NoControl implements ExecControl {
    INSTANCE;

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        accepted.run();
    }

    @Override
    public void endInput() {}

    @Override
    public void resize(TerminalSize size) {}

    @Override
    public CompletableFuture<Void> signal(Signal signal, SignalScope scope) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public boolean hasExited() {
        return true;
    }

    @Override
    public void release() {}
}
