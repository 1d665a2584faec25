package dev.hawse.runtime;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What is allowed of a process's arguments, environment, working directory and user; the same for main processes and commands. */
final class ProcessRules {

    /** MAX_ARG_STRLEN of Linux: execve(2) takes no longer single string. */
    static final int ARG_BYTES = 128 * 1024;

    /** ARG_MAX with the usual stack limit of 8 MiB. */
    static final int ARGS_BYTES = 2 * 1024 * 1024;

    private static final Pattern ID = Pattern.compile("[0-9]+");

    private ProcessRules() {}

    static void args(List<String> args, Violations out) {
        long total = 0;
        for (int i = 0; i < args.size(); i++) {
            var bytes = args.get(i).getBytes(StandardCharsets.UTF_8).length + 1;
            total += bytes;
            if (bytes > ARG_BYTES) {
                out.add("args[" + i + "]", "is " + bytes + " bytes long; at most " + ARG_BYTES + " are allowed");
            }
            noNul("args[" + i + "]", args.get(i), out);
        }
        if (total > ARGS_BYTES) {
            out.add("args", "are " + total + " bytes long together; at most " + ARGS_BYTES + " are allowed");
        }
    }

    static void env(Map<String, String> env, Violations out) {
        long total = 0;
        for (var entry : env.entrySet()) {
            var key = entry.getKey();
            var bytes = (key + "=" + entry.getValue()).getBytes(StandardCharsets.UTF_8).length + 1;
            total += bytes;
            var field = "env[" + Text.printable(key) + "]";
            if (key.isEmpty() || key.contains("=")) {
                out.add(field, "a key must not be empty and must not hold \"=\"");
            }
            if (bytes > ARG_BYTES) {
                out.add(field, "is " + bytes + " bytes long; at most " + ARG_BYTES + " are allowed");
            }
            noNul(field, key + entry.getValue(), out);
        }
        if (total > ARGS_BYTES) {
            out.add("env", "is " + total + " bytes long; at most " + ARGS_BYTES + " are allowed");
        }
    }

    /** Paths below /proc are refused: CVE-2024-21626 left the container through a descriptor there. */
    static void workingDir(String dir, Violations out) {
        if (dir.isEmpty()) {
            return;
        }
        if (!dir.startsWith("/")) {
            out.add("working_dir", "must be absolute (got \"" + Text.printable(dir) + "\")");
        } else if (dir.equals("/proc")
                || java.nio.file.Path.of("/").resolve(clean(dir)).normalize().startsWith("/proc/")) {
            out.add("working_dir", "must not be in /proc (got \"" + Text.printable(dir) + "\")");
        }
        noNul("working_dir", dir, out);
    }

    /** Numbers beyond 31 bits are refused: CVE-2024-40635 made them root. */
    static void user(String user, Violations out) {
        if (user.isEmpty()) {
            return;
        }
        var parts = user.split(":", -1);
        if (parts.length > 2 || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
            out.add("user", "must be user, uid, user:group or uid:gid (got \"" + Text.printable(user) + "\")");
            return;
        }
        for (var part : parts) {
            var tooLarge =
                    ID.matcher(part).matches() && (part.length() > 10 || Long.parseLong(part) > Integer.MAX_VALUE);
            if (tooLarge || part.startsWith("-")) {
                out.add("user", "a number must be 0 to 2147483647 (got " + Text.printable(part) + ")");
            } else if (part.chars().anyMatch(c -> c < 0x20 || c == 0x7f) || part.length() > 256) {
                out.add("user", "a name must be at most 256 characters, none of them a control character");
            }
        }
    }

    static void noNul(String field, String text, Violations out) {
        if (text.indexOf('\0') >= 0) {
            out.add(field, "must not hold a NUL character");
        }
    }

    private static String clean(String path) {
        return path.replace("\0", "");
    }
}
