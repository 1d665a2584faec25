package dev.hawse.runtime;

/**
 * A limit per process, as setrlimit(2) has them.
 *
 * @param resource as "nofile"
 * @param soft unsigned; all ones mean unlimited
 * @param hard unsigned; all ones mean unlimited
 */
public record Rlimit(String resource, long soft, long hard) {}
