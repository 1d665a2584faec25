package dev.hawse.client;

/**
 * Which server this is.
 *
 * @param apiVersion of the API it serves: "v1"
 * @param commit it was built from; empty when not known
 * @param platform such as "linux/amd64"
 */
public record ServerVersion(String version, String apiVersion, String commit, String javaVersion, String platform) {}
