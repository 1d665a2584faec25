package dev.hawse.runtime;

/** What came of starting a command. */
public sealed interface ExecStart {

    /** It runs. */
    record Running(ExecId id, long pid, ProcessSession session) implements ExecStart {}

    /** It does not, and never did; nothing is left of it, and the sink is not called. */
    record NotStarted(ProcessExit exit) implements ExecStart {}
}
