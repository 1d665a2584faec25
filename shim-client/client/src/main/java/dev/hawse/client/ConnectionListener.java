package dev.hawse.client;

/**
 * Is told what happens to a session's connection, one call at a time, on a thread of the client that may be blocked. What
 * it throws is ignored.
 */
public interface ConnectionListener {

    /** The server is away; the session tries to reach it again. Input written meanwhile waits. */
    default void disconnected(HawseException why) {}

    /** The session goes on, with the very next byte of output unless {@link OutputListener#gap} says otherwise. */
    default void reconnected() {}

    /** Another caller gives input now; what is written here is refused. Output goes on. */
    default void writerLost() {}
}
