package dev.hawse.state;

/**
 * What a caller calls a request, so that it is done at most once.
 *
 * @param method of the API: the same key of two methods is two requests
 * @param key the caller's
 */
public record RequestId(String method, String key) {}
