package dev.hawse.cli;

import picocli.CommandLine.Option;

/** Which keys leave a process that has a terminal. */
final class DetachKeysOption {

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "What to type to leave. Default: ${DEFAULT-VALUE}.")
    private String keys = DetachKeys.DEFAULT;

    DetachKeys parse() {
        return DetachKeys.parse(keys);
    }

    /** As they were written. */
    String text() {
        return keys;
    }
}
