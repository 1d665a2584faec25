package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.OutputKind;
import dev.hawse.stream.LogFile.Entry;
import dev.hawse.stream.LogFile.Kind;
import dev.hawse.sys.Fifo;
import dev.hawse.sys.LoggerProgram;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program that writes logs, fed through FIFOs, and what it leaves read by the reader. */
@Timeout(120)
class HawseLoggerTest {

    private static final String FOREVER = "1000000000000";

    private final Path dir;
    private final Path log;
    private Path program;
    private final List<Process> started = new ArrayList<>();

    HawseLoggerTest(@TempDir Path dir) throws IOException {
        this.dir = dir;
        this.log = Files.createDirectory(dir.resolve("log"));
        this.program = LoggerProgram.install(dir.resolve("bin"));
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    /** One run of the program: where its streams begin. */
    private final class Run implements AutoCloseable {
        private final Process process;
        private final OutputStream out;
        private final OutputStream err;

        Run(String maxSize, String maxFiles) throws IOException {
            var fifos = Files.createTempDirectory(dir, "fifos");
            var stdout = fifos.resolve("stdout");
            var stderr = fifos.resolve("stderr");
            Fifo.create(stdout);
            Fifo.create(stderr);
            try (var _ = Fifo.openReadWriteGuard(stdout);
                    var _ = Fifo.openReadWriteGuard(stderr)) {
                out = Files.newOutputStream(stdout);
                err = Files.newOutputStream(stderr);
                process = new ProcessBuilder(
                                program.toString(),
                                "dir",
                                log.toString(),
                                "max-size",
                                maxSize,
                                "max-files",
                                maxFiles,
                                "stdout",
                                stdout.toString(),
                                "stderr",
                                stderr.toString())
                        .redirectErrorStream(true)
                        .start();
                started.add(process);
                var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(said).isEmpty();
            }
        }

        void out(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        /** Ends the streams, and returns when the program has ended. */
        @Override
        public void close() throws IOException {
            out.close();
            err.close();
            try {
                assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private List<Entry> entries() throws IOException {
        var entries = new ArrayList<Entry>();
        try (var cursor = new LogCursor(new LogFolder(log))) {
            for (var step = cursor.next(); step != null; step = cursor.next()) {
                assertThat(step.missingStdout() + step.missingStderr()).isZero();
                entries.add(step.entry());
            }
        }
        return entries;
    }

    private static List<String> summaries(List<Entry> entries) {
        return entries.stream()
                .map(e -> e.kind() + " " + e.stdout() + " " + Arrays.hashCode(e.bytes()))
                .toList();
    }

    private static byte[] of(OutputKind stream, List<Entry> entries) {
        var all = new java.io.ByteArrayOutputStream();
        entries.stream().filter(e -> e.hasOutput() && e.stream() == stream).forEach(e -> all.writeBytes(e.bytes()));
        return all.toByteArray();
    }

    @Test
    void bothStreamsAreKeptWithTheirOffsetsBetweenBeginAndEnd() throws Exception {
        try (var run = new Run(FOREVER, "4")) {
            run.out(bytes("one"));
            Awaitility.await().until(() -> entries().size() == 2);
            run.err.write(bytes("two"));
            Awaitility.await().until(() -> entries().size() == 3);
            run.out(bytes("three"));
        }
        assertThat(entries())
                .extracting(e -> e.kind() + " " + e.stdout() + " " + e.stderr() + " " + e.bytes().length)
                .containsExactly("BEGIN 0 0 0", "STDOUT 0 0 3", "STDERR 3 0 3", "STDOUT 3 3 5", "END 8 3 1");
    }

    @Test
    void theNextRunGoesOnInTheSameFile() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (var run = new Run(FOREVER, "4")) {
                run.out(bytes("run"));
            }
        }
        assertThat(of(OutputKind.STDOUT, entries())).isEqualTo(bytes("runrunrun"));
        assertThat(new LogFolder(log).numbers()).containsExactly(1);
    }

    @Test
    void filesAreRotatedAndTheOldestGoes() throws Exception {
        var written = new byte[1_000_000];
        new Random(1).nextBytes(written);
        try (var run = new Run("100000", "3")) {
            for (int at = 0; at < written.length; at += 10_000) {
                run.out(Arrays.copyOfRange(written, at, at + 10_000));
            }
        }
        var numbers = new LogFolder(log).numbers();
        assertThat(numbers).hasSize(3);
        for (var number : numbers) {
            assertThat(Files.size(new LogFolder(log).file(number))).isLessThanOrEqualTo(100_000);
        }
        var kept = of(OutputKind.STDOUT, entries());
        assertThat(kept.length).isGreaterThan(150_000);
        assertThat(kept).isEqualTo(Arrays.copyOfRange(written, written.length - kept.length, written.length));
    }

    @Test
    void onTermItKeepsWhatCanBeReadAndEnds() throws Exception {
        try (var run = new Run(FOREVER, "4")) {
            run.out(new byte[500_000]);
            run.process.destroy();
            assertThat(run.process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(of(OutputKind.STDOUT, entries())).hasSize(500_000);
        assertThat(entries().getLast().kind()).isEqualTo(Kind.END);
    }

    @Test
    void aKillAtAnyMomentLeavesAPrefixAndTheNextRunGoesOnBehindIt() throws Exception {
        var random = new Random(7);
        var written = new byte[64 << 10];
        for (int i = 0; i < 10; i++) {
            var before = summaries(entries());
            var run = new Run("300000", "1000");
            var killer = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(random.nextInt(15));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                run.process.destroyForcibly();
            });
            try {
                for (int n = 0; n < 200; n++) {
                    random.nextBytes(written);
                    run.out(written);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("pipe");
            }
            killer.join();
            run.close();
            assertThat(summaries(entries()).subList(0, before.size())).isEqualTo(before);
        }
        try (var run = new Run("300000", "1000")) {
            run.out(bytes("whole again"));
        }
        var all = entries();
        assertThat(all.getLast().kind()).isEqualTo(Kind.END);
        assertThat(of(OutputKind.STDOUT, all.subList(all.size() - 3, all.size())))
                .endsWith(bytes("whole again"));
    }

    @Test
    void halfARecordOfAnyLengthIsWrittenOver() throws Exception {
        try (var run = new Run(FOREVER, "4")) {
            run.out(bytes("first"));
        }
        var file = new LogFolder(log).file(1);
        var whole = Files.readAllBytes(file);
        // Through the last record of the run and the one before it.
        for (int cut = 1; cut < 2 * (LogFile.HEAD + LogFile.TAIL); cut += 3) {
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));
            var left = entries();
            try (var run = new Run(FOREVER, "4")) {
                run.out(bytes("second"));
            }
            var now = entries();
            assertThat(summaries(now).subList(0, left.size())).isEqualTo(summaries(left));
            assertThat(now.subList(left.size(), now.size()))
                    .extracting(Entry::kind)
                    .containsExactly(Kind.BEGIN, Kind.STDOUT, Kind.END);
        }
    }

    @Test
    void aGibibyteGoesThrough() throws Exception {
        var chunk = new byte[1 << 20];
        var began = System.nanoTime();
        try (var run = new Run("67108864", "2")) {
            for (int i = 0; i < 1024; i++) {
                run.out(chunk);
            }
        }
        System.getLogger("test")
                .log(System.Logger.Level.INFO, "1 GiB in {0} ms", (System.nanoTime() - began) / 1_000_000);
        var last = entries().getLast();
        assertThat(last.kind()).isEqualTo(Kind.END);
        assertThat(last.stdout()).isEqualTo(1L << 30);
    }

    @Test
    void checkedMemoryAndArithmeticFindNothing() throws Exception {
        var checked = dir.resolve("hawse-logger-checked");
        var build = new ProcessBuilder(
                        "../native/src/main/c/build",
                        checked.toString(),
                        "-fsanitize=address,undefined",
                        "-fno-sanitize-recover")
                .redirectErrorStream(true)
                .start();
        assertThat(new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        program = checked;
        bothStreamsAreKeptWithTheirOffsetsBetweenBeginAndEnd();
        assertThat(started).allSatisfy(p -> assertThat(p.exitValue()).isZero());
        new LogFolder(log).remove();
        Files.createDirectory(log);
        filesAreRotatedAndTheOldestGoes();
        try (var run = new Run("100000", "3")) {
            run.out(bytes("found again"));
        }
        assertThat(started).allSatisfy(p -> assertThat(p.exitValue()).isZero());
    }

    @Test
    void whoeverCannotWriteSaysSoBeforeItBegins() throws Exception {
        var failing = new ProcessBuilder(
                        program.toString(), "dir", dir.resolve("nowhere").toString(), "stdout", "/dev/null")
                .redirectErrorStream(true)
                .start();
        assertThat(new String(failing.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("hawse-logger: dir: No such file or directory\n");
        assertThat(failing.waitFor()).isEqualTo(1);
    }

    /** As a container does that has no reader for its pipe: in a thread that waits. */
    private CompletableFuture<Void> write(Run run, int bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                run.out(new byte[bytes]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private List<Long> files() throws IOException {
        return Arrays.stream(new LogFolder(log).numbers()).boxed().toList();
    }

    @Test
    void writerWaitsForAReaderThatNeedsTheOldestFile() throws Exception {
        try (var run = new Run("300000", "2");
                var hold = new LogHold(new LogFolder(log))) {
            hold.from(2);
            var all = write(run, 8 << 20);
            // The first may go, and another one is begun before that is waited for.
            Awaitility.await().until(() -> files().equals(List.of(2L, 3L, 4L)));
            assertThat(all).isNotDone();
            hold.from(3);
            Awaitility.await().until(() -> files().equals(List.of(3L, 4L, 5L)));
            assertThat(all).isNotDone();
            hold.release();
            all.get(20, TimeUnit.SECONDS);
        }
        assertThat(files()).hasSize(2);
        assertThat(entries().getLast().kind()).isEqualTo(Kind.END);
        assertThat(entries().getLast().stdout()).isEqualTo(8 << 20);
    }

    @Test
    void writerThatIsToldToEndStillKeepsEverythingForWhoNeedsIt() throws Exception {
        try (var run = new Run("300000", "2");
                var hold = new LogHold(new LogFolder(log))) {
            hold.from(2);
            var all = write(run, 3 << 19);
            Awaitility.await().until(() -> files().equals(List.of(2L, 3L, 4L)));
            all.get(20, TimeUnit.SECONDS);
            run.process.destroy();
            assertThat(run.process.waitFor(1500, TimeUnit.MILLISECONDS)).isFalse();
            hold.release();
            assertThat(run.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(entries().getLast().kind()).isEqualTo(Kind.END);
        assertThat(entries().getLast().stdout()).isEqualTo(3 << 19);
    }
}
