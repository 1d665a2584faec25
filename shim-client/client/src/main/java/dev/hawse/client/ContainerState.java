package dev.hawse.client;

/** Where a container is in its life. */
public enum ContainerState {
    /** Made, never started. */
    CREATED,
    RUNNING,
    /** Frozen; it holds its memory and does not run. */
    PAUSED,
    /** Its main process has ended; it may be started again. */
    EXITED,
    /** The runtime does not say. */
    UNKNOWN
}
