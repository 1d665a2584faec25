package dev.hawse.client;

import java.time.Duration;

/**
 * How long each part of an execution took, as the server saw it.
 *
 * @param queued waiting for a place among the starts into the same container
 * @param starting from there until the process ran
 * @param running from there until its end was known
 * @param draining from there until the last byte of its output was read
 */
public record PhaseTimes(Duration queued, Duration starting, Duration running, Duration draining) {}
