package dev.hawse.containerd;

import dev.hawse.runtime.ExecControl;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** {@link ExecControl} of a command in the shim. */
final class CommandControl implements ExecControl {

    private final ManagedProcess process;
    private final ProcessTree tree;
    private final Executor workers;
    private final Runnable release;

    CommandControl(ManagedProcess process, ProcessTree tree, Executor workers, Runnable release) {
        this.process = process;
        this.tree = tree;
        this.workers = workers;
        this.release = release;
    }

    @Override
    public void write(byte[] bytes, Runnable accepted) {
        process.stdio().write(bytes, accepted);
    }

    @Override
    public void endInput() {
        process.stdio().endInput();
    }

    @Override
    public void resize(TerminalSize size) {
        process.resizeSoon(size);
    }

    @Override
    public CompletableFuture<Void> signal(Signal signal, SignalScope scope) {
        return CompletableFuture.runAsync(
                () -> {
                    switch (scope) {
                        case PROCESS -> process.signal(signal, false);
                        case TREE -> signalTree(signal);
                    }
                },
                workers);
    }

    /** The command itself gets it through the shim, which cannot mistake another process for it. */
    private void signalTree(Signal signal) throws RuntimeFailure {
        if (signal.equals(Signal.KILL)) {
            process.delivers(signal);
            tree.kill();
        } else {
            tree.signalDescendants(signal);
        }
        if (!process.hasExited()) {
            process.signal(signal, false);
        }
    }

    @Override
    public boolean hasExited() {
        return process.hasExited();
    }

    @Override
    public void release() {
        workers.execute(release);
    }
}
