package dev.hawse.containerd;

import dev.hawse.runtime.ContainerProcess;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Processes as the kernel's /proc shows them; see proc(5). The server must share the shims' pid namespace. */
final class ProcFs {

    private static final Path PROC = Path.of("/proc");

    /** USER_HZ: 100 on every architecture that Hawse runs on, whatever the kernel's own clock is. */
    private static final long TICK_NANOS = 10_000_000;

    private ProcFs() {}

    /** A process; empty when it has gone meanwhile. */
    static Optional<ContainerProcess> process(long pid, @Nullable ExecId exec) {
        try {
            var stat = readStat(pid);
            var args = arguments(pid);
            // The last: that it can be read means that what was read before is whole.
            var status = Files.readAllLines(PROC.resolve(pid + "/status"), StandardCharsets.ISO_8859_1);
            return Optional.of(new ContainerProcess(
                    pid,
                    stat.parent(),
                    Long.parseLong(value(status, "Uid:").split("\\s+", 2)[0]),
                    args.isEmpty() ? List.of("[" + stat.name() + "]") : args,
                    bootTime().plusNanos(stat.start() * TICK_NANOS),
                    Duration.ofNanos(stat.cpu() * TICK_NANOS),
                    kibibytes(value(status, "VmRSS:")) * 1024,
                    String.valueOf(stat.state()),
                    exec));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * What a process is to others; times are in the kernel's ticks.
     *
     * @param cpu how long it has kept processors busy
     * @param start when it was started, since the start of the host
     */
    record Stat(long pid, String name, char state, long parent, long session, long cpu, long start) {
        /** Whether it has ended, and only its parent has not heard of it yet. */
        boolean isGone() {
            return state == 'Z' || state == 'X';
        }
    }

    /** Null when there is no such process. */
    static @Nullable Stat stat(long pid) {
        try {
            return readStat(pid);
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static Stat readStat(long pid) throws IOException {
        var stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
        // The name, in brackets, may hold blanks and brackets; the fields behind it count from the third on.
        var closing = stat.lastIndexOf(')');
        var fields = stat.substring(closing + 2).split(" ", -1);
        return new Stat(
                pid,
                stat.substring(stat.indexOf('(') + 1, closing),
                fields[0].charAt(0),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[3]),
                Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
                Long.parseLong(fields[19]));
    }

    /** Every process of the host. */
    static List<Stat> all() {
        var found = new ArrayList<Stat>();
        for (var pid : pids()) {
            var stat = stat(pid);
            if (stat != null) {
                found.add(stat);
            }
        }
        return found;
    }

    /** The pids of the host. */
    static List<Long> pids() {
        var found = new ArrayList<Long>();
        try (var folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
            folders.forEach(
                    folder -> found.add(Long.parseLong(folder.getFileName().toString())));
        } catch (IOException | RuntimeException e) {
            throw RuntimeFailure.internal("the processes of this host cannot be listed: " + e.getMessage(), e);
        }
        return found;
    }

    /** What a process was started with; empty for one that has gone, and for the kernel's own. */
    static List<String> arguments(long pid) {
        try {
            var text = new String(Files.readAllBytes(PROC.resolve(pid + "/cmdline")), StandardCharsets.UTF_8);
            return text.isEmpty()
                    ? List.of()
                    : List.of((text.endsWith("\0") ? text.substring(0, text.length() - 1) : text).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Whether a process is in the control group of a container, which is named after it, or below. */
    static boolean isInCgroupOf(long pid, String container) {
        try {
            return Files.readString(PROC.resolve(pid + "/cgroup"), StandardCharsets.ISO_8859_1)
                    .contains("/" + container);
        } catch (IOException e) {
            return false;
        }
    }

    /** When a process was started; empty when there is none. */
    static Optional<Instant> startTime(long pid) {
        return pid <= 0 ? Optional.empty() : process(pid, null).map(ContainerProcess::startedAt);
    }

    private static String value(List<String> status, String key) {
        return status.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).strip())
                .findFirst()
                .orElse("");
    }

    /** A zombie has none. */
    private static long kibibytes(String value) {
        return value.isEmpty() ? 0 : Long.parseLong(value.split(" ", 2)[0]);
    }

    private static Instant bootTime() throws IOException {
        try (var lines = Files.lines(PROC.resolve("stat"))) {
            return lines.filter(line -> line.startsWith("btime "))
                    .map(line -> Instant.ofEpochSecond(
                            Long.parseLong(line.substring(6).strip())))
                    .findFirst()
                    .orElse(Instant.EPOCH);
        }
    }
}
