package dev.hawse.client;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Receives the output of a process, one call at a time, on a thread of the client that may be blocked. A call that does
 * not return holds back the process, as a full pipe does: nothing is kept elsewhere meanwhile.
 *
 * <p>What it throws ends the session, which then fails with it as the cause.
 */
@FunctionalInterface
public interface OutputListener {

    /**
     * Bytes in the order in which the server sent them.
     *
     * @param data read-only; may be kept
     */
    void output(OutputKind stream, ByteBuffer data) throws IOException;

    /** Bytes are missing here, between the call before and the next one for the same output. */
    default void gap(OutputGap gap) throws IOException {}
}
