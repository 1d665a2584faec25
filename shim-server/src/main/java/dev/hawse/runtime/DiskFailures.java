package dev.hawse.runtime;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Map;

/** Tells a disk that takes nothing more from other faults, by what the kernel says. */
public final class DiskFailures {

    private DiskFailures() {}

    /**
     * The failure of what needed the disk, in the kernel's words, and with the reason that says whether it is full or
     * read-only; of any other fault an internal one.
     *
     * @param what could not be done
     */
    public static RuntimeFailure of(String what, IOException e) {
        var said = String.valueOf(e.getMessage());
        var message = what + ": " + said;
        if (said.contains("No space left on device") || said.contains("Disk quota exceeded")) {
            return RuntimeFailure.of(Reason.STATE_FULL, message, directory(e), e);
        }
        if (said.contains("Read-only file system")) {
            return RuntimeFailure.of(Reason.STATE_UNAVAILABLE, message, directory(e), e);
        }
        return RuntimeFailure.internal(message, e);
    }

    private static Map<String, String> directory(IOException e) {
        if (e instanceof FileSystemException failure && failure.getFile() != null) {
            var parent = Path.of(failure.getFile()).getParent();
            return parent == null ? Map.of() : Map.of("directory", parent.toString());
        }
        return Map.of();
    }
}
