package dev.hawse.runtime;

/** What came of starting a command. */
public sealed interface ExecStart {

    /** It runs. */
    record Running(long pid, ExecControl control) implements ExecStart {}

    /** It does not, and never did; nothing is left of it, and {@link OutputWriter#finish} is not called. */
    record NotStarted(ProcessExit exit) implements ExecStart {}

    /**
     * The engine failed when it had been asked to start it, so it may run, or have run. Nothing of it has been taken away:
     * {@link ExecOperations#adopt} finds out, and is to be asked until it answers. Until then {@link OutputWriter#finish} is
     * not called.
     */
    record Unknown(RuntimeFailure failure) implements ExecStart {}
}
