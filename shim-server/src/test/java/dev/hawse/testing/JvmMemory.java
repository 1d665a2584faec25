package dev.hawse.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What another JVM of this machine holds in memory, in bytes, as it says itself and the kernel. */
public final class JvmMemory {

    private static final Pattern LIVE = Pattern.compile("(?m)^Total +[0-9]+ +([0-9]+)");
    private static final Pattern DIRECT = Pattern.compile("Other \\(reserved=[0-9]+KB, committed=([0-9]+)KB\\)");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+([0-9]+) kB");

    private JvmMemory() {}

    /** Of objects that are reachable: it collects all garbage for that. */
    public static long live(long pid) {
        return number(LIVE, jcmd(pid, "GC.class_histogram"));
    }

    /** Beside the heap, of buffers; the JVM must run with {@code -XX:NativeMemoryTracking=summary}. */
    public static long direct(long pid) {
        return number(DIRECT, jcmd(pid, "VM.native_memory", "summary")) << 10;
    }

    /** In the machine's memory, all in all. */
    public static long resident(long pid) {
        try {
            return number(RESIDENT, Files.readString(Path.of("/proc/" + pid + "/status"))) << 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(Pattern pattern, String text) {
        var found = pattern.matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("no " + pattern + " in: " + text);
        }
        return Long.parseLong(found.group(1));
    }

    private static String jcmd(long pid, String... command) {
        try {
            var words = new java.util.ArrayList<String>();
            words.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            words.add(Long.toString(pid));
            words.addAll(java.util.List.of(command));
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
