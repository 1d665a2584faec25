package dev.hawse.runtime;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What is allowed of a process's arguments, environment, working directory and user; the same for main processes and commands. */
final class ProcessRules {

    /** MAX_ARG_STRLEN of Linux: execve(2) takes no longer single string. */
    static final int ARG_BYTES = 128 * 1024;

    /** ARG_MAX with the usual stack limit of 8 MiB. */
    static final int ARGS_BYTES = 2 * 1024 * 1024;

    /** execve(2) counts the pointer to each string too. */
    private static final int POINTER_BYTES = 8;

    private static final Pattern ID = Pattern.compile("[0-9]+");

    /** Where every descriptor of a process has a name. */
    private static final List<Path> DESCRIPTORS = List.of(Path.of("/proc"), Path.of("/dev/fd"));

    private ProcessRules() {}

    /** What execve(2) takes: each string by itself, and all of them with a pointer each. */
    static void arguments(List<String> args, Map<String, String> env, Violations out) {
        var ofArgs = args("args", args, out);
        var ofEnv = env(env, out);
        if (ofArgs + ofEnv > ARGS_BYTES) {
            out.add(
                    ofArgs >= ofEnv ? "args" : "env",
                    "args and env are too long together (got " + (ofArgs + ofEnv)
                            + " bytes, with 8 more for each string), at most " + ARGS_BYTES + " are allowed");
        }
    }

    /** Answers how much room they take. */
    static long args(String field, List<String> args, Violations out) {
        long total = 0;
        for (int i = 0; i < args.size(); i++) {
            var bytes = args.get(i).getBytes(StandardCharsets.UTF_8).length + 1;
            total += bytes + POINTER_BYTES;
            if (bytes > ARG_BYTES) {
                out.add(
                        field + "[" + i + "]",
                        "is too long (got " + bytes + " bytes), at most " + ARG_BYTES + " are allowed");
            }
            noNul(field + "[" + i + "]", args.get(i), out);
        }
        return total;
    }

    private static long env(Map<String, String> env, Violations out) {
        long total = 0;
        for (var entry : env.entrySet()) {
            var key = entry.getKey();
            var bytes = (key + "=" + entry.getValue()).getBytes(StandardCharsets.UTF_8).length + 1;
            total += bytes + POINTER_BYTES;
            var field = "env[" + Text.printable(key) + "]";
            if (key.isEmpty() || key.contains("=")) {
                out.add(
                        field,
                        "is no name of a variable (got \"" + Text.printable(key)
                                + "\"), one that is not empty and holds no \"=\" is allowed");
            }
            if (bytes > ARG_BYTES) {
                out.add(field, "is too long (got " + bytes + " bytes), at most " + ARG_BYTES + " are allowed");
            }
            noNul(field, key + entry.getValue(), out);
        }
        return total;
    }

    /** Paths below /proc are refused: CVE-2024-21626 left the container through a descriptor there. */
    static void workingDir(String dir, Violations out) {
        if (dir.isEmpty()) {
            return;
        }
        if (!dir.startsWith("/")) {
            out.add("working_dir", "must be absolute (got \"" + Text.printable(dir) + "\")");
        } else if (DESCRIPTORS.stream().anyMatch(Path.of(clean(dir)).normalize()::startsWith)) {
            out.add("working_dir", "must not be in /proc or /dev/fd (got \"" + Text.printable(dir) + "\")");
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
