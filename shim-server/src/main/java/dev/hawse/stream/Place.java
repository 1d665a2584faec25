package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.ProcessExit;
import org.jspecify.annotations.Nullable;

/**
 * A place in the story, and what comes there once the writer has got so far: bytes, a gap, or the end. A reader holds the
 * place that it has got to, so what it has had is the collector's. What comes here may be asked for only when there is a
 * {@link #next()}, and never changes.
 */
sealed class Place permits DiskPlace {

    /** What a chunk costs besides its bytes, so that single bytes count for what they take. */
    static final int OVERHEAD = 96;

    private static final byte[] NOTHING = {};

    // Known by identity, so that bytes, which are nearly all there is, need no further field.
    private static final byte[] GAP = {};
    private static final byte[] POSSIBLE_GAP = {};

    /** Where a closed reader is: behind nobody, and holding nothing. */
    static final Place NOWHERE = new Place(0, 0, Long.MAX_VALUE);

    /** Bytes of each stream before this place. */
    final long stdout;

    final long stderr;

    /** What everything before this place weighs. */
    final long weight;

    // Written before the next place is, and read after it.
    private OutputKind stream = OutputKind.STDOUT;
    private byte[] bytes = NOTHING;
    private @Nullable ProcessExit end;
    private volatile @Nullable Place next;

    Place(long stdout, long stderr, long weight) {
        this.stdout = stdout;
        this.stderr = stderr;
        this.weight = weight;
    }

    /** The place after this one; null while nothing comes here. */
    final @Nullable Place next() {
        return next;
    }

    final OutputKind stream() {
        return stream;
    }

    /** Empty for what is not bytes. */
    final byte[] bytes() {
        return bytes;
    }

    /** Whether bytes are known to be missing here, of the one stream. */
    final boolean isGap() {
        return bytes == GAP;
    }

    final boolean isPossibleGap() {
        return bytes == POSSIBLE_GAP;
    }

    final @Nullable ProcessExit end() {
        return end;
    }

    final long offset(OutputKind of) {
        return of == OutputKind.STDOUT ? stdout : stderr;
    }

    final OutputOffsets offsets() {
        return new OutputOffsets(stdout, stderr);
    }

    final Place append(OutputKind to, byte[] what) {
        return link(to, what, what.length);
    }

    final Place gap(OutputKind of, long count) {
        return link(of, GAP, count);
    }

    final Place possibleGap() {
        return link(OutputKind.STDOUT, POSSIBLE_GAP, 0);
    }

    /** Has come here what comes at another place. */
    final Place like(Place other, Place afterIt) {
        return link(
                other.stream,
                other.bytes,
                other.isGap() ? afterIt.offset(other.stream) - other.offset(other.stream) : other.bytes.length);
    }

    final void finish(ProcessExit exit) {
        end = exit;
        next = new Place(stdout, stderr, weight);
    }

    private Place link(OutputKind to, byte[] what, long length) {
        stream = to;
        bytes = what;
        var after = after(
                stdout + (to == OutputKind.STDOUT ? length : 0),
                stderr + (to == OutputKind.STDERR ? length : 0),
                weight + what.length + OVERHEAD);
        next = after;
        return after;
    }

    /** A place behind this one, of the same kind. What comes here is known already. */
    Place after(long stdoutThere, long stderrThere, long weightThere) {
        return new Place(stdoutThere, stderrThere, weightThere);
    }

    /** Whether who has had so much of each stream need not be told what comes here. */
    final boolean isOld(OutputOffsets had) {
        var after = next;
        if (after == null || end != null) {
            return false;
        }
        return isPossibleGap()
                ? had.stdout() > stdout || had.stderr() > stderr
                : after.offset(stream) <= (stream == OutputKind.STDOUT ? had.stdout() : had.stderr());
    }
}
