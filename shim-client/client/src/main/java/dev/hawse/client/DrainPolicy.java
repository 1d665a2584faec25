package dev.hawse.client;

import java.time.Duration;

/**
 * What to do when a process has ended and another one, such as a child in the background, still holds its output open.
 * Every value is immutable.
 */
public sealed interface DrainPolicy {

    /** Wait for the end of the output. */
    DrainPolicy WAIT = new Wait();

    /** Wait no longer than this; zero does not wait. */
    static DrainPolicy atMost(Duration time) {
        return new AtMost(time);
    }

    record Wait() implements DrainPolicy {}

    record AtMost(Duration time) implements DrainPolicy {}
}
