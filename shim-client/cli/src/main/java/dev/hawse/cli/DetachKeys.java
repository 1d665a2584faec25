package dev.hawse.cli;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Finds the keys that leave a process in what is typed, also when they come apart. The rest passes, in order. */
final class DetachKeys {

    static final String DEFAULT = "ctrl-p,ctrl-q";

    private final byte[] keys;
    private int matched;
    private boolean found;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /** As Docker writes them: letters, or ctrl- and one of a-z @ [ \ ] ^ _, with commas in between. */
    static DetachKeys parse(String text) {
        var parts = text.split(",", -1);
        var keys = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
            keys[i] = key(parts[i], text);
        }
        return new DetachKeys(keys);
    }

    private static byte key(String part, String text) {
        if (part.length() == 1 && part.charAt(0) > ' ' && part.charAt(0) < 0x7f) {
            return (byte) part.charAt(0);
        }
        if (part.length() == 6 && part.startsWith("ctrl-")) {
            char c = part.charAt(5);
            if ((c >= 'a' && c <= 'z') || "@[\\]^_".indexOf(c) >= 0) {
                return (byte) (c & 0x1f);
            }
        }
        throw new CliFailure("--detach-keys: not understood (got " + text
                + "), allowed are characters and ctrl-KEY with commas in between, where KEY is a-z @ [ \\ ] ^ or _");
    }

    /** What of these bytes is to be passed on; the beginning of the keys at the end waits for what comes after it. */
    byte[] pass(byte[] typed, int length) {
        var out = new ByteArrayOutputStream(length + keys.length);
        for (int i = 0; i < length && !found; i++) {
            while (matched > 0 && keys[matched] != typed[i]) {
                fallBack(out);
            }
            if (keys[matched] == typed[i]) {
                matched++;
                found = matched == keys.length;
            } else {
                out.write(typed[i]);
            }
        }
        return out.toByteArray();
    }

    /** What was held is not the keys: passes on as much of it as cannot be their beginning. */
    private void fallBack(ByteArrayOutputStream out) {
        int shorter = matched - 1;
        while (shorter > 0 && !Arrays.equals(keys, matched - shorter, matched, keys, 0, shorter)) {
            shorter--;
        }
        out.write(keys, 0, matched - shorter);
        matched = shorter;
    }

    /** Whether all of them came. */
    boolean found() {
        return found;
    }
}
