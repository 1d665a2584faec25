package dev.hawse.containerd;

import dev.hawse.runtime.ExecId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a command whose start has failed all the same. A shim that cannot open a FIFO in time gives a command up
 * that the OCI runtime has started, and forgets its process (containerd 1.6): it would run until its container ends.
 */
final class StrayCommand {

    private static final Logger log = LoggerFactory.getLogger(StrayCommand.class);

    private StrayCommand() {}

    /** Kills it with all that descends from it; nothing when there is none. To be called before the shim deletes the command. */
    static void kill(ContainerEntry container, ExecId exec) {
        var main = ProcFs.stat(container.snapshot().pid());
        if (main == null) {
            return;
        }
        // The parent of a main process is its shim, which works in its bundle, where the OCI runtime leaves a command's
        // pid.
        var file = Path.of("/proc", "" + main.parent(), "cwd", exec + ".pid");
        try {
            var pid = Long.parseLong(Files.readString(file).strip());
            log.info("killing process {} of command {}, whose start has failed", pid, exec);
            new ProcessTree(pid, container.id.value()).kill();
        } catch (NoSuchFileException e) {
            log.trace("{} never had a process", exec);
        } catch (IOException | NumberFormatException e) {
            log.warn("whether command {} has left a process is not known: {}", exec, e.getMessage());
        }
    }
}
