package dev.hawse.client;

/** Why a process could not be started. */
public enum SpawnFailureKind {
    /** No such program: a shell says 127. */
    NOT_FOUND,
    /** The program is there but may not be executed: a shell says 126. */
    NOT_EXECUTABLE,
    /** The working directory is not there, or is no directory. */
    BAD_WORKING_DIR,
    /** Anything else, in the runtime's words. */
    OTHER
}
