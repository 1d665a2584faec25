package dev.hawse.runtime;

/** What was found of a command that was to be taken over. */
public sealed interface ExecAdoption {

    /**
     * It was started, and tells its end in its own time, which may have come.
     *
     * @param takesInput whether its input is open
     */
    record Started(long pid, ExecControl control, boolean takesInput) implements ExecAdoption {}

    /** It was prepared and never ran; nothing is left of it. */
    record NeverRan() implements ExecAdoption {}

    /** The engine does not know it, or not whether it ran; nothing is left of it there. */
    record Gone() implements ExecAdoption {}
}
