package dev.hawse.sys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells which start of the host this is: what ran in another one is gone, whatever records say. Read once, the same for the
 * life of this process.
 */
public final class HostBoot {

    /** New with each start of the kernel; see random(4). */
    private static final String ID = read();

    private HostBoot() {}

    /** Never empty; without blanks. */
    public static String id() {
        return ID;
    }

    private static String read() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            throw new IllegalStateException("the kernel does not tell its boot id", e);
        }
    }
}
