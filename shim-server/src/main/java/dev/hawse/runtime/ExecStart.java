package dev.hawse.runtime;

/** What came of starting a command. */
public sealed interface ExecStart {

    /** It runs. */
    record Running(long pid, ExecControl control) implements ExecStart {}

    /** It does not, and never did; nothing is left of it, and {@link OutputWriter#finish} is not called. */
    record NotStarted(ProcessExit exit) implements ExecStart {}

    /**
     * The engine failed when it had been asked to start it, so it may have run. What is left of it has been ended, as far as
     * that could be done; {@link OutputWriter#finish} is not called.
     */
    record Unknown(RuntimeFailure failure) implements ExecStart {}
}
