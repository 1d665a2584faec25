package dev.hawse.client;

/** Which output of a process. */
public enum OutputKind {
    /** Standard output; all output of a process with a terminal. */
    STDOUT,
    STDERR
}
