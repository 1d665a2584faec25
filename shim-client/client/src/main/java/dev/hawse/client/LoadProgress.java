package dev.hawse.client;

/**
 * How far the load of an archive is.
 *
 * @param image the image in hand; empty while reading
 * @param digest the layer in hand; empty while reading
 * @param done bytes of the archive while reading, layers of the image while unpacking
 * @param total 0 when not known
 */
public record LoadProgress(Phase phase, String image, String digest, long done, long total) {

    /** What a load is doing. */
    public enum Phase {
        /** Reading the archive. */
        READING,
        /** Unpacking a layer. */
        UNPACKING,
        /** Something that this version of the client does not know. */
        UNKNOWN
    }
}
