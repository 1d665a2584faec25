package dev.hawse.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows under a heading, columns aligned, whatever their text holds made printable. */
final class Table {

    private static final int GAP = 3;

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heading) {
        rows.add(List.of(heading));
    }

    Table row(String... cells) {
        var row = new ArrayList<String>();
        for (var cell : cells) {
            row.add(Printable.escape(cell));
        }
        rows.add(row);
        return this;
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        var out = new StringBuilder();
        for (var row : rows) {
            for (int i = 0; i < columns; i++) {
                out.append(row.get(i));
                if (i < columns - 1) {
                    out.repeat(' ', widths[i] - length(row.get(i)) + GAP);
                }
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
