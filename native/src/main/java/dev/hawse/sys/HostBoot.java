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

    private HostBoot() {}

    /** Never empty; without blanks. Read once, the same for the life of this process. */
    public static String id() {
        return ID;
    }

    /** Nobody sets this clock, and it goes on while the host sleeps (CLOCK_BOOTTIME). */
    public static Duration since() {
        return Duration.ofNanos(LibC.nanosSinceBoot());
    }

    private static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new IllegalStateException("the kernel does not tell its boot id", e);
        }
    }
}
