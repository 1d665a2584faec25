package dev.hawse.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The server's host and how much is on it. Immutable.
 *
 * @param operatingSystem as /etc/os-release names it
 * @param architecture as images name it: "amd64", "arm64"
 * @param cgroupVersion 1 or 2
 * @param seccomp whether the kernel filters system calls
 * @param execsRunning commands that run now
 * @param uptime of the server
 * @param caller who asks, as the server's kernel says; null when not over a unix socket
 */
public record HostInfo(
        String hostname,
        String operatingSystem,
        String kernelVersion,
        String architecture,
        int processors,
        long memoryBytes,
        int cgroupVersion,
        boolean seccomp,
        int containers,
        int containersRunning,
        int containersPaused,
        int images,
        int execsRunning,
        Duration uptime,
        @Nullable Caller caller) {

    /** A process on the other end of a unix socket. */
    public record Caller(int uid, int gid, int pid) {}
}
