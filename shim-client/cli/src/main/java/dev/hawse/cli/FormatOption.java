package dev.hawse.cli;

import picocli.CommandLine.Option;

/** How to show what there is. */
final class FormatOption {

    /** For people or for programs. */
    enum Format {
        table,
        json
    }

    @Option(names = "--output", paramLabel = "table|json", description = "How to show it. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.table;

    boolean json() {
        return format == Format.json;
    }
}
