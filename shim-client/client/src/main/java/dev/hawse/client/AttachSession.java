package dev.hawse.client;

/** A connection to the main process of a running container. Closing it detaches. */
public non-sealed interface AttachSession extends ProcessSession {

    /** Whether the process has a terminal. */
    boolean terminal();

    /** Whether the process's input was open when this began. */
    boolean stdinOpen();
}
