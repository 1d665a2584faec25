package dev.hawse.runtime;

/** Something that an engine may or may not be able to do; declared in {@link RuntimeInfo}, never found out by failure. */
public enum Capability {
    CONTAINERS,
    EXEC,
    ATTACH,
    LOGS,
    PAUSE,
    EVENTS,
    IMAGES,
    RESOURCE_LIMITS,
    SECCOMP
}
