package dev.hawse.client;

/** What {@link Containers#waitFor(String, WaitCondition)} waits for. */
public enum WaitCondition {
    /** The container does not run: holds at once when it never ran or has exited. */
    NOT_RUNNING,
    /** The next end of the main process, also when it does not run now. */
    NEXT_EXIT,
    /** The container is gone. */
    REMOVED
}
