package dev.hawse.runtime;

/** Which output of a process. A process with a terminal has STDOUT alone. */
public enum OutputKind {
    STDOUT,
    STDERR
}
