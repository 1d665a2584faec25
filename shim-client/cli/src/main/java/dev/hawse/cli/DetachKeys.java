package dev.hawse.cli;

/** Finds ctrl-p ctrl-q in what is typed, also when the two come apart. The rest passes, in order. */
final class DetachKeys {

    private static final byte CTRL_P = 0x10;
    private static final byte CTRL_Q = 0x11;

    private boolean held;
    private boolean found;

    /** What of these bytes is to be passed on; a ctrl-p at the end waits for what comes after it. */
    byte[] pass(byte[] typed, int length) {
        var out = new byte[length + 1];
        int size = 0;
        for (int i = 0; i < length && !found; i++) {
            byte b = typed[i];
            if (held && b == CTRL_Q) {
                found = true;
            } else {
                if (held) {
                    out[size++] = CTRL_P;
                }
                held = b == CTRL_P;
                if (!held) {
                    out[size++] = b;
                }
            }
        }
        return java.util.Arrays.copyOf(out, size);
    }

    /** Whether both came. */
    boolean found() {
        return found;
    }
}
