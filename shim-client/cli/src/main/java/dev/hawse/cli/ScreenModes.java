package dev.hawse.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which of a terminal's modes a process has changed by what it wrote, so that they can be put back when its user leaves it
 * in the middle: a process that ends does so itself. Not safe for use by several threads, but for {@link #reset}.
 */
final class ScreenModes {

    private static final byte ESCAPE = 0x1b;

    /** More belongs to no sequence that is looked for. */
    private static final int LONGEST = 64;

    /** What a terminal has before anybody changes it: lines wrap, the cursor is seen. */
    private static final List<Integer> ON = List.of(7, 25);

    /** Cursor keys, mouse, focus, the alternate screen in its three kinds, and brackets around what is pasted. */
    private static final List<Integer> OFF = List.of(1, 47, 1000, 1002, 1003, 1004, 1006, 1047, 1049, 2004);

    private final StringBuilder sequence = new StringBuilder();
    private final Map<Integer, Boolean> changed = new TreeMap<>();

    /** The process wrote this, behind what it wrote before. */
    synchronized void shown(byte[] bytes) {
        for (var b : bytes) {
            if (b == ESCAPE) {
                sequence.setLength(0);
                sequence.append((char) b);
            } else if (!sequence.isEmpty()) {
                sequence.append((char) (b & 0xff));
                if (isOver()) {
                    change();
                    sequence.setLength(0);
                }
            }
        }
    }

    private boolean isOver() {
        if (sequence.length() == 2) {
            return sequence.charAt(1) != '[';
        }
        var last = sequence.charAt(sequence.length() - 1);
        return (last >= '@' && last <= '~') || sequence.length() >= LONGEST;
    }

    /** {@code ESC [ ? NUMBER ; ... h} or {@code l}: private modes on or off. */
    private void change() {
        var last = sequence.charAt(sequence.length() - 1);
        if (sequence.length() < 5 || sequence.charAt(2) != '?' || (last != 'h' && last != 'l')) {
            return;
        }
        for (var mode : sequence.substring(3, sequence.length() - 1).split(";", -1)) {
            if (mode.matches("[0-9]{1,4}")) {
                note(Integer.parseInt(mode), last == 'h');
            }
        }
    }

    private void note(int mode, boolean on) {
        if (ON.contains(mode) == on) {
            changed.remove(mode);
        } else if (ON.contains(mode) || OFF.contains(mode)) {
            changed.put(mode, on);
        }
    }

    /** What puts back whatever is not as it was; empty when nothing is. */
    synchronized String reset() {
        var text = new StringBuilder();
        changed.forEach((mode, on) -> text.append("\033[?").append(mode).append(on ? 'l' : 'h'));
        return text.isEmpty() ? "" : text.append("\033[0m").toString();
    }
}
