package dev.hawse.client;

/** Which system calls a container may make. */
public enum SeccompProfile {
    /** The server's default profile. */
    DEFAULT,
    /** All of them: no filter. */
    UNCONFINED
}
