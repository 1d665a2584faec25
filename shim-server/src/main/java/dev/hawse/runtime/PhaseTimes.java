package dev.hawse.runtime;

import java.time.Duration;

/**
 * How long each part of an execution took.
 *
 * @param queued waiting for a place among the starts into the same container
 * @param starting from there until the engine said that the process runs
 * @param running from there until its end was known
 * @param draining from there until the last byte of its output was read
 */
public record PhaseTimes(Duration queued, Duration starting, Duration running, Duration draining) {

    public static final PhaseTimes NONE = new PhaseTimes(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
