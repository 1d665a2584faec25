package dev.hawse.stream;

import static dev.hawse.runtime.OutputKind.STDERR;
import static dev.hawse.runtime.OutputKind.STDOUT;
import static dev.hawse.stream.SpoolHistoryTest.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.stream.SpoolPolicy.Unread;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Work for the disk is done when the test says so. */
@Timeout(60)
class SpillTest {

    private static final long WINDOW = 10 << 10;
    private static final int CHUNK = 1000;

    @TempDir
    Path dir;

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final AtomicInteger room = new AtomicInteger();

    private Spool spool(long bytes, long history, Path where) {
        Executor later = tasks::add;
        var spool = Spool.of(new SpoolPolicy.Spill(WINDOW, bytes, where, later, Unread.PASS), history);
        spool.onRoom(room::incrementAndGet);
        return spool;
    }

    private void work() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void aSlowReaderIsServedFromDiskAndMissesNothing() throws IOException {
        var spool = spool(1 << 20, 0, dir.resolve("new"));
        var output = new Output();
        output.wants = false;
        var reader = spool.readLossless(output);
        for (int i = 0; i < 100; i++) {
            assertThat(append(spool, i)).as("chunk %s", i).isTrue();
            work();
        }
        spool.finish(Exits.of(spool));
        // The file has no name.
        try (var files = Files.list(dir.resolve("new"))) {
            assertThat(files).isEmpty();
        }
        while (!output.told.contains("exited")) {
            reader.resume();
            work();
        }
        assertThat(text(output)).isEqualTo(story(100));
        spool.close();
    }

    @Test
    void theWriterIsHeldBackWhenTheDiskHasTakenWhatItMay() {
        var spool = spool(20 * CHUNK, 0, dir);
        var output = new Output();
        var reader = spool.readLossless(output);
        int chunks = 0;
        while (append(spool, chunks++)) {
            work();
            assertThat(chunks).isLessThan(50);
        }
        assertThat(chunks).isGreaterThan(20);
        assertThat(room).hasValue(0);

        reader.resume();
        work();
        assertThat(room).hasValue(1);
        assertThat(text(output)).isEqualTo(story(chunks));
        assertThat(append(spool, chunks)).isTrue();
        spool.close();
    }

    @Test
    void theFileIsUsedAgainAndAgain() {
        var spool = spool(17 * CHUNK + 123, 0, dir);
        var output = new Output();
        var reader = spool.readLossless(output);
        output.wants = false;
        int chunks = 0;
        for (int i = 0; i < 300; i++) {
            while (append(spool, chunks++)) {
                work();
            }
            reader.resume();
            work();
        }
        output.wants = true;
        reader.resume();
        work();
        assertThat(text(output)).isEqualTo(story(chunks));
        spool.close();
    }

    @Test
    void aDiskThatIsTooSlowHoldsTheWriterBackUntilItHasWritten() {
        var spool = spool(1 << 20, 0, dir);
        spool.readLossless(new Output());
        int chunks = 0;
        while (append(spool, chunks)) {
            chunks++;
        }
        assertThat(chunks * (long) CHUNK).isLessThanOrEqualTo(WINDOW);
        assertThat(room).hasValue(0);
        work();
        assertThat(room).hasValue(1);
        assertThat(append(spool, chunks)).isTrue();
        spool.close();
    }

    @Test
    void aDiskThatTakesNothingHoldsTheWriterBackAndLosesNothing() throws IOException {
        var file = Files.createFile(dir.resolve("in the way"));
        var spool = spool(1 << 20, 0, file);
        var output = new Output();
        var reader = spool.readLossless(output);
        int chunks = 0;
        while (append(spool, chunks++)) {
            work();
        }
        work();
        assertThat(chunks * (long) CHUNK).isLessThanOrEqualTo(WINDOW + CHUNK);
        reader.resume();
        assertThat(room).hasValue(1);
        assertThat(text(output)).isEqualTo(story(chunks));
        spool.close();
    }

    @Test
    void whatIsOnDiskIsNotInMemory() {
        var spool = spool(10 << 20, 0, dir);
        var reader = spool.readLossless(new Output());
        var chunks = new ArrayList<WeakReference<byte[]>>();
        for (int i = 0; i < 1000; i++) {
            var bytes = new byte[CHUNK];
            spool.append(STDOUT, bytes);
            chunks.add(new WeakReference<>(bytes));
            work();
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(chunks)
                    .filteredOn(chunk -> chunk.get() != null)
                    .hasSizeLessThanOrEqualTo((int) WINDOW / CHUNK + 1);
        });
        reader.close();
        spool.close();
    }

    @Test
    void whoComesLaterBeginsOnDiskToo() {
        var spool = spool(1 << 20, 0, dir);
        var stalled = spool.readLossless(new Output());
        for (int i = 0; i < 100; i++) {
            append(spool, i);
            work();
        }
        for (var from : List.of(at(0, 0), at(42_500, 17_500), at(75_000, 25_000), new ReadFrom.Oldest())) {
            for (var lossy : List.of(true, false)) {
                var output = new Output();
                var reader = lossy ? spool.readLossy(from, output) : spool.readLossless(from, output);
                reader.resume();
                work();
                reader.close();
                var had = reader.from();
                assertThat(text(output).length()).as("%s", from).isEqualTo(100_000 - had.stdout() - had.stderr());
                assertThat(output.told).noneMatch(line -> line.endsWith("missing"));
            }
        }
        stalled.close();
        work();
        assertThat(spool.oldest()).isEqualTo(spool.head());
        spool.close();
    }

    @Test
    void aLossyReaderOnDiskIsOvertakenAndToldSo() {
        var spool = spool(20 * CHUNK, 0, dir);
        var lossless = new Output();
        var reader = spool.readLossless(lossless);
        int chunks = 0;
        while (append(spool, chunks++)) {
            work();
        }
        var lossy = new Output();
        var late = spool.readLossy(new ReadFrom.Oldest(), lossy);
        reader.resume();
        work();
        for (int i = 0; i < 100; i++) {
            append(spool, chunks++);
            work();
        }
        late.resume();
        work();
        append(spool, chunks++);
        assertThat(lossy.told.getFirst()).startsWith("out@0..").endsWith("missing");
        assertThat(text(lossless)).endsWith(text(lossy)).isEqualTo(story(chunks));
        spool.close();
    }

    @Test
    void whatNobodyReadsWaitsOnDiskToo() {
        Executor later = tasks::add;
        var spool = Spool.of(new SpoolPolicy.Spill(WINDOW, 1 << 20, dir, later, Unread.WAIT), 0);
        for (int i = 0; i < 100; i++) {
            assertThat(append(spool, i)).isTrue();
            work();
        }
        var output = new Output();
        output.wants = false;
        var reader = spool.readLossless(new ReadFrom.Oldest(), output);
        reader.resume();
        work();
        reader.close();
        work();
        var next = new Output();
        spool.readLossless(new ReadFrom.Oldest(), next).resume();
        work();
        assertThat(text(output) + text(next)).isEqualTo(story(100));
        spool.close();
    }

    private static boolean append(Spool spool, int number) {
        return spool.append(stream(number), chunk(number).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static OutputKind stream(int number) {
        return number % 4 == 3 ? STDERR : STDOUT;
    }

    private static String chunk(int number) {
        return Character.toString('a' + number % 26).repeat(CHUNK);
    }

    private static String story(int chunks) {
        var text = new StringBuilder();
        for (int i = 0; i < chunks; i++) {
            text.append(chunk(i));
        }
        return text.toString();
    }

    private static String text(Output output) {
        var text = new StringBuilder();
        for (var line : output.told) {
            if (line.matches("(out|err)@\\d+ .*")) {
                text.append(line.substring(line.indexOf(' ') + 1));
            }
        }
        return text.toString();
    }
}
