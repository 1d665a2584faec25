package dev.hawse.runtime;

/** What strangers wrote, made fit to be shown. */
public final class Text {

    private static final int MOST = 256;

    private Text() {}

    /** At most 256 characters, with control and format characters written as {@code \\u001b}. */
    public static String printable(String text) {
        var out = new StringBuilder(Math.min(text.length(), MOST));
        text.codePoints().limit(MOST).forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> out.append(String.format("\\u%04x", c));
                default -> out.appendCodePoint(c);
            }
        });
        return text.length() > MOST ? out.append('…').toString() : out.toString();
    }
}
