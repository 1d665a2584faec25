package dev.hawse.client;

/**
 * A limit per process, as setrlimit(2) has them.
 *
 * @param resource such as "nofile", any case
 * @param soft at most {@code hard}; {@link #UNLIMITED} for no limit
 */
public record Rlimit(String resource, long soft, long hard) {

    /** No limit. Both limits are unsigned. */
    public static final long UNLIMITED = -1;
}
