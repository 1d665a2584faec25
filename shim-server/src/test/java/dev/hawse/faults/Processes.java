package dev.hawse.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Processes of this host, by pid and by what they were started with. */
public final class Processes {

    private Processes() {}

    /** Sends a signal, by its name without "SIG"; nothing when the process has gone. */
    public static void signal(long pid, String name) {
        run("kill", "-" + name, Long.toString(pid));
    }

    /** Runs a program to its end and answers its exit status. */
    public static int run(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Those whose command line has these words one after the other. */
    public static List<Long> with(String... words) {
        return having(arguments -> java.util.Collections.indexOfSubList(arguments, List.of(words)) >= 0);
    }

    public static List<Long> having(Predicate<List<String>> arguments) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(p -> p.getFileName().toString().matches("[0-9]+"))
                    .filter(p -> arguments.test(arguments(p)))
                    .map(p -> Long.parseLong(p.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> arguments(Path process) {
        try {
            return List.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Whether a process has ended, also when its parent has not heard of it yet. */
    static boolean isGone(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    /** How many descriptors a process has open. */
    public static int descriptors(long pid) {
        return descriptors(pid, "");
    }

    /** How many descriptors a process has open that stand for something whose name begins so. */
    public static int descriptors(long pid, String prefix) {
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return (int) fds.filter(fd -> target(fd).startsWith(prefix)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty for one that was closed meanwhile. */
    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
