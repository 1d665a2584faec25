package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.stream.LogFile.Entry;
import dev.hawse.stream.LogFile.Kind;
import dev.hawse.sys.Fifo;
import dev.hawse.sys.LoggerProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log on a real file system that fills up: a tmpfs of 256 KiB, half of it taken. Needs root. */
@Timeout(60)
class LogDiskFullIT {

    @TempDir
    private Path dir;

    @BeforeEach
    void mount() throws Exception {
        Files.createDirectory(disk());
        run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk().toString());
        Files.createDirectory(disk().resolve("log"));
        Files.write(ballast(), new byte[128 << 10]);
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk().toString());
    }

    @Test
    void theProcessGoesOnAndTheLogSaysWhatItMissesAsSoonAsThereIsRoom() throws Exception {
        var stdout = dir.resolve("stdout");
        Fifo.create(stdout);
        var guard = Fifo.openReadWriteGuard(stdout);
        var logger = new ProcessBuilder(
                        LoggerProgram.install(dir.resolve("bin")).toString(),
                        "dir",
                        disk().resolve("log").toString(),
                        "stdout",
                        stdout.toString())
                .redirectErrorStream(true)
                .start();
        try (var out = Files.newOutputStream(stdout)) {
            assertThat(logger.getInputStream().readAllBytes()).isEmpty();
            guard.close();
            // Far more than the disk and the pipe hold together: nobody is kept waiting.
            for (int i = 0; i < 5000; i++) {
                out.write(new byte[1000]);
            }
            Files.delete(ballast());
            Awaitility.await().until(() -> written(entries().getLast()) == 5_000_000);
            out.write("there is room again".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(logger.waitFor()).isZero();
        var entries = entries();
        var dropped = entries.stream()
                .filter(e -> e.kind() == Kind.DROPPED_STDOUT)
                .mapToLong(Entry::count)
                .sum();
        var kept = entries.stream()
                .filter(Entry::hasOutput)
                .mapToLong(Entry::count)
                .sum();
        assertThat(kept).isGreaterThan(60_000);
        assertThat(kept + dropped).isEqualTo(5_000_019);
        assertThat(new String(entries.get(entries.size() - 2).bytes(), StandardCharsets.US_ASCII))
                .isEqualTo("there is room again");
        assertThat(entries.getLast().kind()).isEqualTo(Kind.END);
        assertThat(entries.getLast().stdout()).isEqualTo(5_000_019);
    }

    private static long written(Entry last) {
        return last.stdoutAfter();
    }

    private List<Entry> entries() throws IOException {
        var entries = new ArrayList<Entry>();
        try (var cursor = new LogCursor(new LogFolder(disk().resolve("log")))) {
            for (var step = cursor.next(); step != null; step = cursor.next()) {
                assertThat(step.missingStdout()).isZero();
                entries.add(step.entry());
            }
        }
        return entries;
    }

    private Path disk() {
        return dir.resolve("disk");
    }

    private Path ballast() {
        return disk().resolve("ballast");
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
