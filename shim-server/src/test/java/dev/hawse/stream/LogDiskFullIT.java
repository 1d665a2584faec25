package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.OutputKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs on a real file system that fills up: a tmpfs of 128 KiB, half of it taken. Needs root. */
@Timeout(60)
class LogDiskFullIT {

    private static final int CHUNK = 10_000;

    /** As many records as find room in what is left. */
    private static final int FIT = 6;

    private final ContainerId id = ContainerId.random();
    private final Tasks tasks = new Tasks();
    private final Spool spool = Spool.block(1 << 20);

    @TempDir
    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk.toString());
        Files.write(ballast(), new byte[64 << 10]);
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    @Test
    void recordsThatWereWrittenWholeAreKeptWhateverOfTheirBatchWasNot() {
        var logs = new LogStore(disk, tasks);
        logs.write(id, spool);
        for (int i = 0; i < 20; i++) {
            append(i);
        }
        spool.finish(Exits.of(spool));
        tasks.runAll();
        assertThat(read(logs)).isEqualTo(digits(FIT));
    }

    @Test
    void theLogGoesOnWhenThereIsRoomAgain() throws IOException {
        var logs = new LogStore(disk, tasks);
        logs.write(id, spool);
        for (int i = 0; i < 9; i++) {
            assertThat(append(i)).isTrue();
            tasks.runAll();
        }
        assertThat(read(logs)).isEqualTo(digits(FIT));

        Files.delete(ballast());
        append(9);
        spool.finish(Exits.of(spool));
        tasks.runAll();
        assertThat(read(logs)).isEqualTo(digits(FIT) + "9".repeat(CHUNK));
    }

    private boolean append(int digit) {
        var bytes = new byte[CHUNK];
        Arrays.fill(bytes, (byte) ('0' + digit));
        return spool.append(OutputKind.STDOUT, bytes);
    }

    private static String digits(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.repeat('0' + i, CHUNK);
        }
        return text.toString();
    }

    private String read(LogStore logs) {
        var got = new Transcript();
        logs.read(id, LogQuery.ALL, got).resume();
        tasks.runAll();
        assertThat(got.ended()).isTrue();
        return got.stdout.toString();
    }

    private Path ballast() {
        return disk.resolve("ballast");
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
