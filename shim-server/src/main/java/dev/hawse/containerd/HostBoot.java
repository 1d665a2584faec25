package dev.hawse.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which start of the host this is: what ran in another one is gone, whatever records say. */
final class HostBoot {

    /** New with each start of the kernel; see random(4). */
    private static final String ID = read();

    private HostBoot() {}

    /** Never empty; without blanks. */
    static String id() {
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
