package dev.hawse.runtime;

/** The engines that Hawse knows. */
public enum RuntimeKind {
    CONTAINERD,
    DOCKER
}
