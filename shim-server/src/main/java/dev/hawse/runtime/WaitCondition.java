package dev.hawse.runtime;

/** What to wait for. */
public enum WaitCondition {
    /** The container does not run: holds at once when it never ran or has exited. */
    NOT_RUNNING,
    /** The next end of the main process, also when it does not run now. */
    NEXT_EXIT,
    /** The container is gone. */
    REMOVED
}
