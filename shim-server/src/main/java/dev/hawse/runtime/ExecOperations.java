package dev.hawse.runtime;

import java.util.concurrent.CompletableFuture;

/** Commands in the running containers of one engine. */
public interface ExecOperations {

    /**
     * Starts a command and answers when it runs, or when it is clear that it will not; on a thread that must not be
     * blocked, or on the caller's. Cancelling the answer before it is the command's turn takes it out of the queue;
     * afterwards it is no longer possible, and cancelling answers false. May wait for the engine to look a user up.
     *
     * <p>Nothing is delivered to the sink before the first {@link ProcessSession#resumeOutput()}, so that the caller can
     * tell of the start first. Output is lossless: a sink that wants no more slows the command down. Closing the session
     * before its end kills the command.
     *
     * @return or fails with a {@link RuntimeFailure} when the engine does
     * @throws RuntimeFailure when there is no such container, or it does not run
     */
    CompletableFuture<ExecStart> start(ContainerId container, ExecSpec spec, OutputSink sink);

    /** How many commands run now. */
    int running();
}
