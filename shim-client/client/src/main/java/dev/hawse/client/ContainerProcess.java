package dev.hawse.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process in a container.
 *
 * @param pid as the host sees it
 * @param args the program and its arguments; the kernel's short name in brackets for one without
 * @param cpuTime time on processors, of all threads
 * @param residentBytes memory resident
 * @param state the kernel's state letter: R, S, D, T, Z, I
 * @param execId set for a command that was executed; empty for its children and all others
 */
public record ContainerProcess(
        int pid,
        int parentPid,
        int uid,
        List<String> args,
        @Nullable Instant startedAt,
        Duration cpuTime,
        long residentBytes,
        String state,
        String execId) {

    public ContainerProcess {
        args = List.copyOf(args);
    }
}
