package dev.hawse.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process in a container, as the host sees it.
 *
 * @param state the kernel's letter: R, S, D, T, Z, I
 * @param execId of a command that was executed; null for the main process and for children
 */
public record ContainerProcess(
        long pid,
        long parentPid,
        long uid,
        List<String> args,
        Instant startedAt,
        Duration cpuTime,
        long residentBytes,
        String state,
        @Nullable ExecId execId) {

    public ContainerProcess {
        args = List.copyOf(args);
    }
}
