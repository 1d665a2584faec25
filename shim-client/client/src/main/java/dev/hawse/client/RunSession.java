package dev.hawse.client;

import java.util.List;

/** A container that was created and started in one go, with the bytes of its main process. */
public non-sealed interface RunSession extends ProcessSession {

    /** The container as it was created. */
    Container container();

    /** What was done differently from what one might expect, as sentences. */
    List<String> warnings();
}
