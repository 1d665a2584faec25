package dev.hawse.client;

/** A container engine that the server speaks to. */
public enum RuntimeKind {
    /** containerd, over its own gRPC API. */
    CONTAINERD,
    /** Docker Engine, over its HTTP API. */
    DOCKER,
    /** One that this version of the client does not know. Never sent. */
    UNKNOWN
}
