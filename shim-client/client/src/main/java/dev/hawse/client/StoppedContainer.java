package dev.hawse.client;

/**
 * A container after its end.
 *
 * @param killed whether the grace time ran out and it was killed
 */
public record StoppedContainer(Container container, boolean killed) {}
