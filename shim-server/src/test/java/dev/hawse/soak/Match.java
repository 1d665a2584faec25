package dev.hawse.soak;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How bytes that came compare with those that should: the same, or the same with holes, or wrong.
 *
 * @param holes places where bytes are missing
 * @param missing bytes missing in all
 * @param cutOff whether only the end is missing
 * @param difference the first byte that is at no place where it could be, in words; null for none
 */
record Match(
        int holes, long missing, boolean cutOff, @Nullable String difference) {

    /** So many bytes in a row are at one place of the expected ones only. */
    private static final int UNIQUE = 24;

    static Match of(byte[] expected, byte[] got) {
        int at = 0;
        int read = 0;
        int holes = 0;
        long missing = 0;
        while (read < got.length) {
            int same = Arrays.mismatch(expected, at, expected.length, got, read, got.length);
            if (same < 0 || read + same == got.length) {
                at += got.length - read;
                break;
            }
            at += same;
            read += same;
            int resumed = find(expected, at, got, read);
            if (resumed < 0) {
                return new Match(holes, missing, false, difference(expected, at, got, read));
            }
            holes++;
            missing += resumed - at;
            at = resumed;
        }
        var rest = expected.length - at;
        return new Match(rest > 0 ? holes + 1 : holes, missing + rest, holes == 0 && rest > 0, null);
    }

    boolean exact() {
        return holes == 0 && difference == null;
    }

    /** Where the next bytes that came go on among the expected ones; -1 for nowhere. */
    private static int find(byte[] expected, int from, byte[] got, int read) {
        int length = Math.min(UNIQUE, got.length - read);
        // Fewer could be anywhere: they are taken for the end.
        int first = length < UNIQUE ? Math.max(from, expected.length - length) : from;
        for (int at = first; at + length <= expected.length; at++) {
            if (expected[at] == got[read] && Arrays.equals(expected, at, at + length, got, read, read + length)) {
                return at;
            }
        }
        return -1;
    }

    private static String difference(byte[] expected, int at, byte[] got, int read) {
        return "byte %d of %d is 0x%02x, expected %s at %d of %d"
                .formatted(
                        read,
                        got.length,
                        got[read],
                        at < expected.length ? "0x%02x".formatted(expected[at]) : "the end",
                        at,
                        expected.length);
    }
}
