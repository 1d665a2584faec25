package dev.hawse.runtime;

/**
 * What is wrong with one field.
 *
 * @param field its path, as "resources.memory_bytes" or "mounts[2].target"
 * @param message what is wrong, what was got, what is allowed
 */
public record FieldViolation(String field, String message) {}
