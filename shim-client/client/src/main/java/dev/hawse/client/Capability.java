package dev.hawse.client;

/** Something that a runtime can do. */
public enum Capability {
    CONTAINERS,
    EXEC,
    ATTACH,
    LOGS,
    PAUSE,
    EVENTS,
    /** Load, save, list, tag and remove images. */
    IMAGES,
    /** Limits on memory, processors and processes. */
    RESOURCE_LIMITS,
    /** Filters on system calls. */
    SECCOMP,
    /** One that this version of the client does not know. */
    UNKNOWN
}
