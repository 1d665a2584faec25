package dev.hawse.client;

/**
 * A connection to a command in a container: to one that it started, or to one that was there. Closing it leaves the command
 * to its {@link DisconnectPolicy}: unless that says otherwise, one that nobody is attached to any more is killed.
 *
 * <p><b>Reconnecting.</b> With {@link ExecSpec#reconnect()} a session outlives its server: when the server cannot be
 * reached, the session attaches again, as soon as it can, from the very bytes up to which output has arrived. No byte comes
 * twice, and a byte that is no longer kept is told as a gap. Input has no such promise: what was written shortly before
 * the connection broke may have been lost on its way, and nobody can tell; a caller to whom that matters lets the command
 * answer. Signals sent meanwhile wait.
 */
public non-sealed interface ExecSession extends ProcessSession {

    /** 64 hex digits; empty when the command could not be started, as {@link #awaitExit()} tells. */
    String execId();

    /** The process id as the host sees it; 0 when the command could not be started. */
    int pid();

    /** Whether this is a command that was started before, by a request with the same request id. */
    boolean existing();

    /**
     * How far the output was when this session attached; what comes before it is a replay. Zero for a command that the
     * session started.
     */
    OutputOffsets headAtAttach();

    /**
     * The place after the last byte handed to this caller: returned by a read, or taken by a call of the listener that has
     * returned. Whoever attaches from here goes on exactly where this session was left.
     */
    OutputOffsets delivered();

    /** Whether another caller has taken the input. */
    boolean writerLost();

    /**
     * Is told of the connection from now on.
     *
     * @throws IllegalStateException when there is a listener already
     */
    void onConnection(ConnectionListener listener);
}
