package dev.hawse.soak;

import dev.hawse.faults.Processes;
import dev.hawse.testing.JvmMemory;
import dev.hawse.testing.NamespaceCensus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** How much there is of everything that a command may leave behind, by name. Immutable. */
record SoakCensus(Map<String, Long> counts) {

    /** The name of the count of commands that the server still tells of. */
    static final String RECORDS = "records of commands";

    /** What is no leak but the habit of a runtime that makes threads and connections as it needs them. */
    private static final Map<String, Long> TOLERANCE = Map.of(
            "hawsed: descriptors", 12L,
            "hawsed: threads", 12L,
            "hawsed: KiB of live objects", 6L << 10,
            "containerd: descriptors", 12L,
            "containerd: threads", 16L,
            "shims: connections", 8L,
            "shims: threads", 32L);

    SoakCensus {
        counts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }

    /** @param records whether the server keeps records of commands */
    static SoakCensus take(SoakDaemons daemons, boolean records) {
        var counts = new LinkedHashMap<String, Long>();
        var hawsed = daemons.hawsed().pid();
        var containerd = daemons.containerd().pid();
        var shims = daemons.containerd().shims();
        counts.put("hawsed: descriptors", targets(hawsed).count());
        counts.put("hawsed: threads", threads(hawsed));
        counts.put("hawsed: KiB of live objects", JvmMemory.live(hawsed) >> 10);
        counts.put("containerd: descriptors", targets(containerd).count());
        counts.put("containerd: threads", threads(containerd));
        counts.put("shims", (long) shims.size());
        var ofShims = shims.stream().flatMap(SoakCensus::targets).toList();
        for (var kind : Kind.values()) {
            counts.put(
                    "shims: " + kind.words, ofShims.stream().filter(kind::has).count());
        }
        counts.put(
                "shims: threads", shims.stream().mapToLong(SoakCensus::threads).sum());
        counts.put(
                "files and FIFOs of the run directory", files(daemons.hawsed().runDir()));
        counts.put("files of output on disk", files(daemons.hawsed().stateDir().resolve("spill")));
        counts.put("mounts", mounts(daemons.dir()));
        counts.put("processes of containers", processes(daemons));
        for (var kind : List.of("snapshot", "lease", "container", "task")) {
            counts.put(
                    kind + "s",
                    NamespaceCensus.take(daemons.direct()).stream()
                            .filter(line -> line.startsWith(kind + " "))
                            .count());
        }
        if (records) {
            counts.put(RECORDS, daemons.client().execs().stream(null, Set.of()).count());
        }
        return new SoakCensus(counts);
    }

    /** What there is more of than before, and may not be, as sentences. */
    List<String> growth(SoakCensus before) {
        var growth = new ArrayList<String>();
        counts.forEach((what, now) -> {
            var then = before.counts().getOrDefault(what, 0L);
            if (now > then + TOLERANCE.getOrDefault(what, 0L)) {
                growth.add("%s: %d, before %d".formatted(what, now, then));
            }
        });
        return growth;
    }

    /** What a shim may have open for a command, by what /proc says of it. */
    private enum Kind {
        TERMINALS("terminals", "/dev/pt"),
        PIPES("pipes", "pipe:"),
        CONNECTIONS("connections", "socket:"),
        FILES("files and FIFOs", "");

        private final String words;
        private final String prefix;

        Kind(String words, String prefix) {
            this.words = words;
            this.prefix = prefix;
        }

        private boolean has(String target) {
            return this
                    == Arrays.stream(values())
                            .filter(kind -> target.startsWith(kind.prefix))
                            .findFirst()
                            .orElseThrow();
        }
    }

    /** What the descriptors of a process stand for; none of one that is gone. */
    private static Stream<String> targets(long pid) {
        try (var links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return links.map(SoakCensus::target).toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static long threads(long pid) {
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.count();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long files(Path dir) {
        if (!Files.isDirectory(dir)) {
            return 0;
        }
        try (var files = Files.walk(dir)) {
            return files.count();
        } catch (IOException | UncheckedIOException e) {
            // Something went while it was counted.
            return Long.MAX_VALUE / 2;
        }
    }

    private static long mounts(Path dir) {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(" " + dir + "/")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long processes(SoakDaemons daemons) {
        return daemons.containers().stream()
                .mapToLong(id -> daemons.client().containers().processes(id).size())
                .sum();
    }

    /** Asks early for what could not be counted without. */
    static void requireTools() {
        if (Processes.run(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), "-h")
                != 0) {
            throw new IllegalStateException("no jcmd beside java: a JDK is needed");
        }
    }
}
