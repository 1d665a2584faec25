package dev.hawse.runtime;

/** What network a container sees. */
public enum NetworkMode {
    /** One of its own with nothing but a loopback interface. */
    NONE,
    /** The host's. */
    HOST
}
