package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What comes at a place, as it is written to files: one byte that says what, four with the length of the rest, and the rest;
 * big-endian. Where in the story it comes is known from what comes before it.
 */
final class Frames {

    static final int HEAD = 5;
    static final byte STDOUT = 1;
    static final byte STDERR = 2;
    static final byte STDOUT_GAP = 3;
    static final byte STDERR_GAP = 4;
    static final byte POSSIBLE_GAP = 5;

    /** Only in a {@link SpoolFile}. */
    static final byte END = 6;

    static final byte[] NOTHING = {};

    /** No read of a process's output is longer. */
    static final int MOST = 16 << 20;

    private Frames() {}

    static byte ofBytes(OutputKind stream) {
        return stream == OutputKind.STDOUT ? STDOUT : STDERR;
    }

    static byte ofGap(OutputKind stream) {
        return stream == OutputKind.STDOUT ? STDOUT_GAP : STDERR_GAP;
    }

    static byte[] gap(long count) {
        return ByteBuffer.allocate(Long.BYTES).putLong(count).array();
    }

    static int size(Place at) {
        return HEAD + (at.isGap() ? Long.BYTES : at.bytes().length);
    }

    static void put(Place at, Place next, ByteBuffer to) {
        if (at.isGap()) {
            var count = next.offset(at.stream()) - at.offset(at.stream());
            to.put(ofGap(at.stream())).putInt(Long.BYTES).putLong(count);
        } else if (at.isPossibleGap()) {
            to.put(POSSIBLE_GAP).putInt(0);
        } else {
            to.put(ofBytes(at.stream())).putInt(at.bytes().length).put(at.bytes());
        }
    }

    /** How long a frame is altogether, by its head. */
    static int length(ByteBuffer from, int at) throws IOException {
        var length = from.getInt(at + 1);
        if (length < 0 || length > MOST) {
            throw new IOException("there is no frame");
        }
        return HEAD + length;
    }

    /**
     * Has come at a place what a frame says.
     *
     * @return the place after it; null when the frame is of another kind
     */
    static @Nullable Place get(ByteBuffer from, Place at) {
        var kind = from.get();
        var length = from.getInt();
        switch (kind) {
            case STDOUT, STDERR -> {
                var bytes = new byte[length];
                from.get(bytes);
                return at.append(kind == STDOUT ? OutputKind.STDOUT : OutputKind.STDERR, bytes);
            }
            case STDOUT_GAP, STDERR_GAP -> {
                return at.gap(kind == STDOUT_GAP ? OutputKind.STDOUT : OutputKind.STDERR, from.getLong());
            }
            case POSSIBLE_GAP -> {
                return at.possibleGap();
            }
            default -> {
                return null;
            }
        }
    }
}
