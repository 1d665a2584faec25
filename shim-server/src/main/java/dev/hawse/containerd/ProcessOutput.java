package dev.hawse.containerd;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where a process's output goes, and how it comes into its spool. Belongs to a {@link Stdio}, which closes it. */
sealed interface ProcessOutput permits FifoOutput, LoggedOutput, NoOutput {

    /** The names of the FIFOs to be made for it. */
    List<String> fifos();

    /** Begins to read. The FIFOs are there, and guarded until the process has been created. */
    void open() throws IOException;

    /** What containerd is to be told: a path or a URI. */
    String stdout();

    String stderr();

    /** The process has ended: all that it wrote is on its way. Must not block. */
    void processEnded();

    /** Completes when everything was read to its end. */
    CompletableFuture<Void> drained();

    /** Reads no more, though somebody still holds an output open; what was being read is in the spool when this returns. */
    void abandon();

    /** Frees everything; nobody waits for what is being read. Idempotent. */
    void close();
}
