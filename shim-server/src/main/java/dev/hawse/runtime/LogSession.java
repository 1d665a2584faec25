package dev.hawse.runtime;

/** A log being read. Closing it ends it without a further call to the sink. */
public interface LogSession extends Registration {

    /** Lets records come, at first and after {@link LogSink#record} has returned false. */
    void resume();
}
