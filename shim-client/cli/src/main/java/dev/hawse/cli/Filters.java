package dev.hawse.cli;

import java.util.List;

/** {@code --filter} as Docker writes it: key=value. */
final class Filters {

    /** One filter, taken apart. */
    record Filter(String key, String value) {}

    private Filters() {}

    static List<Filter> parse(List<String> filters) {
        return filters.stream()
                .map(f -> {
                    int equals = f.indexOf('=');
                    if (equals < 1) {
                        throw new CliFailure("filter: not key=value (got " + f + ")");
                    }
                    return new Filter(f.substring(0, equals), f.substring(equals + 1));
                })
                .toList();
    }

    static CliFailure unknown(Filter filter, String allowed) {
        return new CliFailure("filter: unknown key (got " + filter.key() + "), allowed are " + allowed);
    }
}
