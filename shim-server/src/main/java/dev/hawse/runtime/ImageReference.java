package dev.hawse.runtime;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An image's whole name, completed as Docker completes what people type: {@code busybox} is
 * {@code docker.io/library/busybox:latest}. The grammar is that of the OCI distribution specification.
 *
 * @param host registry, with its port if it has one
 * @param repository path below the registry
 * @param tag null when there is none
 * @param digest as "sha256:…"; null when there is none
 */
public record ImageReference(
        String host,
        String repository,
        @Nullable String tag,
        @Nullable String digest) {

    private static final Pattern HOST = Pattern.compile(
            "([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(:[0-9]{1,5})?|\\[[0-9a-fA-F:]+](:[0-9]{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");
    private static final int MAX_NAME = 255;
    private static final String DOCKER_HUB = "docker.io";

    /** @throws RuntimeFailure with {@link Reason#INVALID_FIELD} for the field {@code image} */
    public static ImageReference parse(String text) {
        return parse("image", text);
    }

    /** @throws RuntimeFailure with {@link Reason#INVALID_FIELD} for this field */
    public static ImageReference parse(String field, String text) {
        var rest = text;
        String digest = null;
        var at = rest.indexOf('@');
        if (at >= 0) {
            digest = rest.substring(at + 1);
            rest = rest.substring(0, at);
        }
        String tag = null;
        var colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
        }
        var slash = rest.indexOf('/');
        var first = slash < 0 ? "" : rest.substring(0, slash);
        var hasHost = first.contains(".") || first.contains(":") || first.equals("localhost");
        var host = hasHost ? first : DOCKER_HUB;
        host = host.equals("index.docker.io") ? DOCKER_HUB : host;
        var repository = hasHost ? rest.substring(slash + 1) : rest;
        if (host.equals(DOCKER_HUB) && !repository.contains("/")) {
            repository = "library/" + repository;
        }
        check(field, text, host, repository, tag, digest);
        return new ImageReference(host, repository, tag == null && digest == null ? "latest" : tag, digest);
    }

    private static void check(
            String field, String text, String host, String repository, @Nullable String tag, @Nullable String digest) {
        var shown = " (got \"" + Text.printable(text) + "\")";
        if (!HOST.matcher(host).matches() || !REPOSITORY.matcher(repository).matches()) {
            throw RuntimeFailure.invalid(
                    field, "must be [host/]path[:tag][@digest] with a path of a-z 0-9 . _ - and \"/\"" + shown);
        }
        if (host.length() + 1 + repository.length() > MAX_NAME) {
            throw RuntimeFailure.invalid(field, "must be at most 255 characters without tag and digest");
        }
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw RuntimeFailure.invalid(field, "a tag must be 1 to 128 of A-Z a-z 0-9 _ . -" + shown);
        }
        if (digest != null && !DIGEST.matcher(digest).matches()) {
            throw RuntimeFailure.invalid(field, "a digest must be sha256: and 64 hex digits" + shown);
        }
    }

    /** Whether this is a digest, or the beginning of one that can be looked for: 6 hex digits at least. */
    public static boolean isDigestOrPrefix(String text) {
        return text.matches("sha256:[0-9a-f]{6,64}|[0-9a-f]{6,64}");
    }

    /** The whole name, as engines store it. */
    public String wholeName() {
        return host + "/" + repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    /** The name without tag and digest. */
    public String withoutTag() {
        return host + "/" + repository;
    }

    /** As people read it: {@code busybox:latest}. */
    public String familiarName() {
        var whole = wholeName();
        if (whole.startsWith("docker.io/library/")) {
            return whole.substring("docker.io/library/".length());
        }
        return whole.startsWith("docker.io/") ? whole.substring("docker.io/".length()) : whole;
    }

    @Override
    public String toString() {
        return wholeName();
    }
}
