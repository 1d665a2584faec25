package dev.hawse.runtime;

/** Which system calls a container may make. */
public enum SeccompMode {
    DEFAULT,
    UNCONFINED
}
