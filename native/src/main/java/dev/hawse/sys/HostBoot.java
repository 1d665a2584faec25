package dev.hawse.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Tells which start of the host this is, and how long ago it was: what ran in another one is gone, whatever records say.
 */
public final class HostBoot {

    /** New with each start of the kernel; see random(4). */
    private static final String ID = read();

    /** What this process's time namespace adds to the host's clock; see time_namespaces(7). */
    private static final Duration OFFSET = offset();

    private HostBoot() {}

    /** Never empty; without blanks. Read once, the same for the life of this process. */
    public static String id() {
        return ID;
    }

    /** Nobody sets this clock, and it goes on while the host sleeps (CLOCK_BOOTTIME); the same in every time namespace. */
    public static Duration since() {
        return Duration.ofNanos(LibC.nanosSinceBoot()).minus(OFFSET);
    }

    private static Duration offset() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/timens_offsets"))) {
                String[] words = line.strip().split("\\s+", -1);
                if (words.length == 3 && words[0].equals("boottime")) {
                    return Duration.ofSeconds(Long.parseLong(words[1]), Long.parseLong(words[2]));
                }
            }
        } catch (IOException e) {
            // A kernel without time namespaces has one clock.
        }
        return Duration.ZERO;
    }

    private static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new IllegalStateException("the kernel does not tell its boot id", e);
        }
    }
}
