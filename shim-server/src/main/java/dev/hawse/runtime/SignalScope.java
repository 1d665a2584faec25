package dev.hawse.runtime;

/** Whom a signal reaches. */
public enum SignalScope {
    /** The process alone. */
    PROCESS,
    /** The process and all that descend from it; of a container's main process, every process of the container. */
    TREE
}
