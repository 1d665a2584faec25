package dev.hawse.runtime;

/** Commands in the running containers of one engine. */
public interface ExecOperations {

    /**
     * Starts a command and answers when it runs, or when it is clear that it will not.
     *
     * <p>Nothing is delivered to the sink before the first {@link ProcessSession#resumeOutput()}, so that the caller can
     * tell of the start first. Output is lossless: a sink that wants no more slows the command down. Closing the session
     * before its end kills the command.
     *
     * @throws RuntimeFailure when there is no such container, it does not run, or the engine fails
     */
    ExecStart start(ContainerId container, ExecSpec spec, OutputSink sink);

    /** How many commands run now. */
    int running();
}
