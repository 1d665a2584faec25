package dev.hawse.client;

/**
 * One field of a request that is outside of what is allowed.
 *
 * @param field its path, such as {@code spec.mounts[0].target}
 * @param description what is wrong with it and what is allowed
 */
public record FieldViolation(String field, String description) {}
