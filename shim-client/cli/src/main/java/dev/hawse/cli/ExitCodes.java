package dev.hawse.cli;

import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Reason;
import java.util.Locale;

/** What a failure exits with. */
final class ExitCodes {

    private ExitCodes() {}

    /**
     * 125, but 127 and 126 when a container's own program cannot be executed, which the OCI runtime tells in words only:
     * "no such file or directory" and "not found in $PATH", "permission denied".
     */
    static int of(HawseException e) {
        if (e.reason() == Reason.OCI_RUNTIME_FAILED && e.getMessage() != null) {
            var words = e.getMessage().toLowerCase(Locale.ROOT);
            if (words.contains("executable file not found") || words.contains("no such file or directory")) {
                return 127;
            }
            if (words.contains("permission denied")) {
                return 126;
            }
        }
        return Cli.FAILED;
    }
}
