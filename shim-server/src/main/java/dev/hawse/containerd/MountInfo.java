package dev.hawse.containerd;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A line of /proc/PID/mountinfo, see proc_pid_mountinfo(5).
 *
 * @param device the file system's, as "major:minor"
 * @param root which folder or file of the file system is mounted
 * @param point where
 */
record MountInfo(String device, Path root, Path point) {

    static MountInfo parse(String line) {
        var fields = line.split(" ", 6);
        return new MountInfo(fields[2], path(fields[3]), path(fields[4]));
    }

    /** The kernel writes space, tab, line end and backslash in octal, and "//deleted" behind what is gone. */
    private static Path path(String escaped) {
        var out = new ByteArrayOutputStream();
        var bytes = escaped.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\\' && i + 3 < bytes.length) {
                out.write(Integer.parseInt(new String(bytes, i + 1, 3, StandardCharsets.US_ASCII), 8));
                i += 3;
            } else {
                out.write(bytes[i]);
            }
        }
        return Path.of(out.toString(StandardCharsets.UTF_8));
    }
}
