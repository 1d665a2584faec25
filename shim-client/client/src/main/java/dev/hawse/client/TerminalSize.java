package dev.hawse.client;

/** The size of a terminal in character cells, each 1 to 65535. */
public record TerminalSize(int columns, int rows) {

    /** What a terminal has when nobody says: 80 by 24. */
    public static final TerminalSize DEFAULT = new TerminalSize(80, 24);

    public TerminalSize {
        if (columns < 1 || columns > 65535 || rows < 1 || rows > 65535) {
            throw new IllegalArgumentException(
                    "terminal size: out of range (got " + columns + "x" + rows + "), allowed is 1 to 65535 each");
        }
    }
}
