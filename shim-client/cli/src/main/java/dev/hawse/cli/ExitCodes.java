package dev.hawse.cli;

import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.client.SpawnFailureKind;

/** What a failure exits with. */
final class ExitCodes {

    private ExitCodes() {}

    /** 125, but 127 and 126 when a container's own program cannot be executed. */
    static int of(HawseException e) {
        var spawnFailure = e.metadata().get("spawn_failure");
        if (e.reason() != Reason.OCI_RUNTIME_FAILED || spawnFailure == null) {
            return Cli.FAILED;
        }
        return spawnFailure.equals(SpawnFailureKind.NOT_FOUND.name()) ? 127 : 126;
    }
}
