package dev.hawse.state;

/** What became of the wish to be the first with a request id. */
public sealed interface Claim {

    /** It was free and is taken, on the disk. */
    record First() implements Claim {}

    /**
     * Somebody was quicker; nothing was written.
     *
     * @param hash of that one's request: a caller with another hash has made a mistake
     * @param result the id of what that one made
     * @param ended whether that is over
     */
    record Known(String hash, String result, boolean ended) implements Claim {}
}
