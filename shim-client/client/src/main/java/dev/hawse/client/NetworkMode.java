package dev.hawse.client;

/** What network a container sees. */
public enum NetworkMode {
    /** A network of its own with nothing but a loopback interface. */
    NONE,
    /** The host's network, with all its interfaces and ports. */
    HOST
}
