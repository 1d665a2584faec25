package dev.hawse.exec;

/** Where a command is in its life. */
public enum ExecState {
    /** Asked for, waiting for its turn or being started. */
    STARTING,
    RUNNING,
    /** Ended, or never started. */
    EXITED
}
