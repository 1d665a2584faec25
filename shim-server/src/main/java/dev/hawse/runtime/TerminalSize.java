package dev.hawse.runtime;

/** The size of a terminal in character cells, 1 to 65535 each way. */
public record TerminalSize(int columns, int rows) {

    /** The kernel keeps them in 16 bits. */
    public static final int MOST_CELLS = 65535;

    public static final TerminalSize DEFAULT = new TerminalSize(80, 24);

    public TerminalSize {
        check("columns", columns);
        check("rows", rows);
    }

    private static void check(String field, int value) {
        if (value < 1 || value > MOST_CELLS) {
            throw RuntimeFailure.invalid("size." + field, "must be 1 to " + MOST_CELLS + " (got " + value + ")");
        }
    }
}
