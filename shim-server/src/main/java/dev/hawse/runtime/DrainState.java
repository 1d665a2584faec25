package dev.hawse.runtime;

/** Whether all output was read before the end was told. */
public enum DrainState {
    /** Every byte, up to the end of both streams. */
    COMPLETE,
    /** Another process still holds a stream open. */
    HELD
}
