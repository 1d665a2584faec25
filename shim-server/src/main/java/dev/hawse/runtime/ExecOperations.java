package dev.hawse.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Commands in the running containers of one engine. */
public interface ExecOperations {

    /**
     * Starts a command and answers when it runs, or when it is clear that it will not; on a thread that must not be
     * blocked, or on the caller's. Cancelling the answer before it is the command's turn takes it out of the queue;
     * afterwards it is no longer possible, and cancelling answers false. May wait for the engine to look a user up.
     *
     * <p>What it writes goes to {@code out}, also before the answer, and so does its end.
     *
     * @return or fails with a {@link RuntimeFailure} when it certainly has not run
     * @throws RuntimeFailure when there is no such container, or it does not run
     */
    CompletableFuture<ExecStart> start(
            ContainerId container, ExecId id, ExecSpec spec, DrainPolicy drain, OutputWriter out);

    /** Completes when the engine has answered for the first time and what runs on it is known; never fails. */
    CompletableFuture<Void> ready();

    /**
     * Takes over a command that an earlier life of this server started, or was about to, or whose start ended in
     * {@link ExecStart.Unknown}. One that has ended meanwhile tells its true end to {@code out}, after what can still be read
     * of its output. May block.
     *
     * @param io as it was started
     * @param out the one of the start, if this server began it
     * @throws RuntimeFailure when the engine does not answer: nothing has changed, and it may be asked again
     */
    ExecAdoption adopt(ContainerId container, ExecId id, ProcessIo io, DrainPolicy drain, OutputWriter out);

    /**
     * Takes away what the engine still holds of a command of an earlier life whose end is remembered, as when the server was
     * killed in between, and tells listeners of that end; nothing when it holds nothing, and it was told. May block.
     *
     * @throws RuntimeFailure when the engine does not answer
     */
    void release(ContainerId container, ExecId id, ProcessExit exit);

    /**
     * Begins to end and clear away commands that earlier lives of this server left and that nobody here knows, in each
     * container as soon as it answers.
     */
    void endLeftovers(Predicate<ExecId> known);

    /** How many commands run now. */
    int running();
}
