package dev.hawse.client;

/** A command that was started in a container. Closing it kills the command. */
public non-sealed interface ExecSession extends ProcessSession {

    /** 64 hex digits; empty when the command could not be started, as {@link #awaitExit()} tells. */
    String execId();

    /** The process id as the host sees it; 0 when the command could not be started. */
    int pid();
}
