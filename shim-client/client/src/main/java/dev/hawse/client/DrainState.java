package dev.hawse.client;

/** Whether all output was read before the end of a process was told. */
public enum DrainState {
    /** Every byte was read, up to the end of both streams. */
    COMPLETE,
    /** Another process still holds a stream open; what came until the drain time ran out was delivered. */
    HELD,
    /** The server did not say. */
    UNKNOWN
}
