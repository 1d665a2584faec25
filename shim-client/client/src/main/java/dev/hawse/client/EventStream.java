package dev.hawse.client;

/** Events in the order of their sequence numbers, without end until it is closed. */
public interface EventStream extends RecordStream<Event> {

    /** The number that the first event after the beginning of this watch has at the least. */
    long nextSequence();
}
