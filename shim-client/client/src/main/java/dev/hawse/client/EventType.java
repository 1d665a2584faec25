package dev.hawse.client;

/** What happened. */
public enum EventType {
    CONTAINER_CREATED,
    CONTAINER_STARTED,
    /** With {@link Event#exit()}. */
    CONTAINER_EXITED,
    CONTAINER_PAUSED,
    CONTAINER_RESUMED,
    /** The kernel's out-of-memory killer struck. */
    CONTAINER_OOM,
    /** Name or labels changed. */
    CONTAINER_UPDATED,
    CONTAINER_REMOVED,
    EXEC_STARTED,
    /** With {@link Event#exit()}. */
    EXEC_EXITED,
    /** An image name was made, or points elsewhere. */
    IMAGE_UPDATED,
    IMAGE_REMOVED,
    /** Something that this version of the client does not know. */
    UNKNOWN
}
