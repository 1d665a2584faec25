package dev.hawse.cli;

/** What others wrote, made fit for a terminal: nothing of it is obeyed. */
final class Printable {

    private Printable() {}

    /** Writes every control and format character as an escape: C0, C1, DEL, bidirectional overrides, line separators. */
    static String escape(String text) {
        return escape(text, false);
    }

    /** As {@link #escape(String)}, but leaves line ends and tabs. */
    static String escapeLines(String text) {
        return escape(text, true);
    }

    private static String escape(String text, boolean lines) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (lines && (c == '\n' || c == '\t')) {
                out.append((char) c);
                return;
            }
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED -> out.append(c < 0x100 ? "\\x%02x".formatted(c) : "\\u%04x".formatted(c));
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
