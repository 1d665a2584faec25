package dev.hawse.runtime;

/** Where a container is in its life. */
public enum ContainerState {
    CREATED,
    RUNNING,
    PAUSED,
    EXITED,
    /** The engine does not say, as when a shim does not answer. */
    UNKNOWN
}
