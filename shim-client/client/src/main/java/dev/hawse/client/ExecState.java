package dev.hawse.client;

/** Where a command is in its life. */
public enum ExecState {
    /** Waiting for its turn, or being started. */
    STARTING,
    RUNNING,
    /** Ended, or never started. */
    EXITED,
    /** A newer server says something else. */
    UNKNOWN
}
