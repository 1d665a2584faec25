package dev.hawse.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;

/**
 * Output of which every piece tells where it belongs: what {@code seq 10000000 99999999} writes, so that a byte that is lost,
 * comes twice or comes in the wrong place is seen. For one reader, in one thread.
 */
final class NumberedLines {

    /** Of a line, with its end. */
    static final int WIDTH = 9;

    private static final int FIRST = 10_000_000;

    private long at;
    private long missing;
    private int gaps;

    /** The words of a command that writes so many lines from a line on. */
    static String seq(int from, int lines) {
        return "seq " + (FIRST + from) + " " + (FIRST + from + lines - 1);
    }

    /** What comes next. */
    void next(ByteBuffer data) {
        var got = US_ASCII.decode(data.duplicate()).toString();
        var line = at / WIDTH;
        var expected = new StringBuilder();
        while (expected.length() < got.length() + WIDTH) {
            expected.append(FIRST + line++).append('\n');
        }
        var skip = (int) (at % WIDTH);
        assertThat(got).as("from byte %d on", at).isEqualTo(expected.substring(skip, skip + got.length()));
        at += got.length();
    }

    /** So many bytes are told to be missing. */
    void gap(long bytes) {
        assertThat(bytes).isPositive();
        at += bytes;
        missing += bytes;
        gaps++;
    }

    /** How many bytes there were, with those that are missing. */
    long at() {
        return at;
    }

    long missing() {
        return missing;
    }

    int gaps() {
        return gaps;
    }
}
