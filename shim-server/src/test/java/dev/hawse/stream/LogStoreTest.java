package dev.hawse.stream;

import static dev.hawse.runtime.OutputKind.STDERR;
import static dev.hawse.runtime.OutputKind.STDOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.LogGap;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.sys.Reactor;
import dev.hawse.sys.TailLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs as they are followed and read while they are written, rotated and taken away. */
@Timeout(30)
class LogStoreTest {

    private static final LogQuery FOLLOW = new LogQuery(true, null, null, null, Set.of());

    private final ContainerId id = ContainerId.random();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Spool spool = Spool.block(1 << 20);
    private final Path root;
    private final Reactor reactor;
    private final LogStore logs;

    LogStoreTest(@TempDir Path root) throws IOException {
        this.root = root;
        this.reactor = Reactor.open("hawse-test", e -> {});
        this.logs = new LogStore(root, workers, reactor);
    }

    @AfterEach
    void close() {
        logs.close();
        reactor.close();
        workers.close();
    }

    private LogRecords records(long maxSize) throws IOException {
        return new LogRecords(logs.folder(id), maxSize);
    }

    private Transcript read(LogQuery query) {
        var got = new Transcript();
        logs.read(id, query, got).resume();
        return got;
    }

    @Test
    void aContainerThatNeverRanHasAnEmptyLogAndFollowingItEndsAtOnce() {
        for (var query : List.of(LogQuery.ALL, FOLLOW)) {
            var got = read(query);
            await().until(got::ended);
            assertThat(got.lines).isEmpty();
        }
    }

    @Test
    void theRunThatFollowsComesIntoTheSpoolAndNothingOfThoseBefore() throws IOException {
        Pieces.write(logs.folder(id), List.of(Pieces.out(1, "before"), Pieces.err(1, "before")));
        var viewer = view();
        try (var tail = logs.followNextRun(id, spool);
                var log = records(200)) {
            log.append(Pieces.out(1, "the run before, still"));
            log.end();
            log.begin();
            log.append(Pieces.out(1, "a"));
            log.append(Pieces.err(1, "b"));
            await().until(() ->
                    viewer.text(STDOUT).equals("a") && viewer.text(STDERR).equals("b"));
            assertThat(tail.drained()).isNotDone();
            log.append(Pieces.out(1, "c"));
            log.end();
            await().until(() -> tail.drained().isDone());
        }
        assertThat(viewer.text(STDOUT)).isEqualTo("ac");
        assertThat(spool.stdoutBytes()).isEqualTo(2);
    }

    @Test
    void aRunThatIsTakenOverGoesOnAtItsOffsets() throws IOException {
        try (var log = records(200)) {
            log.begin();
            log.append(Pieces.out(1, "x".repeat(100)));
            log.append(Pieces.err(1, "y".repeat(50)));
            try (var tail = logs.followNow(id, spool)) {
                var viewer = view();
                log.append(Pieces.out(1, "new"));
                log.end();
                await().until(() -> tail.drained().isDone());
                assertThat(viewer.text(STDOUT)).isEqualTo("new");
                assertThat(viewer.gaps).isEmpty();
            }
        }
        assertThat(spool.stdoutBytes()).isEqualTo(103);
        assertThat(spool.stderrBytes()).isEqualTo(50);
    }

    @Test
    void aRunThatWasOverWhenItIsTakenOverIsDrainedAtOnce() throws IOException {
        Pieces.write(logs.folder(id), List.of(Pieces.out(1, "all")));
        try (var tail = logs.followNow(id, spool)) {
            assertThat(tail.drained()).isDone();
        }
        assertThat(spool.stdoutBytes()).isEqualTo(3);
    }

    @Test
    void whatTheLogHasLostIsMissingInTheSpoolToo() throws IOException {
        var viewer = view();
        try (var tail = logs.followNextRun(id, spool);
                var log = records(Long.MAX_VALUE)) {
            log.begin();
            log.append(Pieces.out(1, "abc"));
            log.dropped(STDOUT, 1000);
            log.append(Pieces.out(1, "def"));
            log.end();
            await().until(() -> tail.drained().isDone());
        }
        assertThat(viewer.text(STDOUT)).isEqualTo("abcdef");
        assertThat(viewer.gaps).containsExactly(3, 1003);
    }

    @Test
    void aLosslessReaderHoldsTheTailBackAndMissesNothing() throws IOException {
        var viewer = new Viewer();
        var reader = spool.readLossless(viewer);
        viewer.wants = false;
        reader.resume();
        try (var tail = logs.followNextRun(id, spool);
                var log = records(Long.MAX_VALUE)) {
            log.begin();
            for (int i = 0; i < 300; i++) {
                log.append(Pieces.out(1, "x".repeat(10_000)));
            }
            log.end();
            await().until(() -> spool.stdoutBytes() > 1 << 20);
            assertThat(tail.drained()).isNotDone();
            assertThat(spool.stdoutBytes()).isLessThan(2 << 20);
            viewer.wants = true;
            reader.resume();
            await().until(() -> tail.drained().isDone());
        }
        assertThat(viewer.text(STDOUT)).hasSize(3_000_000);
        assertThat(viewer.gaps).isEmpty();
    }

    @Test
    void followGoesOnWithWhatIsWrittenAndEndsWithTheRun() throws IOException {
        try (var _ = logs.followNextRun(id, spool);
                var log = records(150)) {
            log.begin();
            log.append(Pieces.out(1, "a"));
            var got = read(FOLLOW);
            await().until(() -> got.stdout.toString().equals("a"));
            for (int i = 0; i < 20; i++) {
                log.append(Pieces.out(1, "b"));
            }
            await().until(() -> got.stdout.length() == 21);
            assertThat(got.end).isNotDone();
            log.end();
            await().until(got::ended);
            log.begin();
            log.append(Pieces.out(1, "next run"));
            assertThat(got.stdout).hasToString("a" + "b".repeat(20));
        }
    }

    @Test
    void aFollowerThatFallsBehindTheOldestFileIsToldHowMuchItMissed() throws IOException {
        try (var _ = logs.followNextRun(id, spool);
                var log = records(120)) {
            log.begin();
            log.append(Pieces.out(1, "x".repeat(50)));
            var got = new Transcript();
            got.wants = false;
            var session = logs.read(id, FOLLOW, got);
            session.resume();
            await().until(() -> got.stdout.length() == 50);
            for (int i = 0; i < 5; i++) {
                log.append(Pieces.out(1, "y".repeat(50)));
                log.append(Pieces.err(1, "z".repeat(50)));
            }
            for (int i = 0; i < 8; i++) {
                log.rotateAway();
            }
            log.end();
            got.wants = true;
            session.resume();
            await().until(got::ended);
            assertThat(got.gaps)
                    .extracting(LogGap::stream, LogGap::bytes, LogGap::cause)
                    .contains(tuple(STDOUT, 300L - got.stdout.length(), LogGap.Cause.ROTATED))
                    .contains(tuple(STDERR, 250L - got.stderr.length(), LogGap.Cause.ROTATED));
        }
    }

    @Test
    void whatADiskTookNotIsToldWhereItIsMissing() throws IOException {
        try (var log = records(Long.MAX_VALUE)) {
            log.begin();
            log.append(Pieces.err(1, "a"));
            log.dropped(STDERR, 7);
            log.append(Pieces.err(1, "b"));
        }
        var got = read(LogQuery.ALL);
        await().until(got::ended);
        assertThat(got.stderr).hasToString("ab");
        assertThat(got.gaps)
                .extracting(LogGap::stream, LogGap::bytes, LogGap::cause)
                .containsExactly(tuple(STDERR, 7L, LogGap.Cause.DISK_FULL));
    }

    @Test
    void withoutFollowItEndsWhereItEndedThoughTheLogGrows() throws IOException {
        try (var log = records(Long.MAX_VALUE)) {
            log.begin();
            log.append(Pieces.out(1, "a"));
            log.append(Pieces.out(1, "b"));
            var got = new Transcript();
            got.wants = false;
            var session = logs.read(id, LogQuery.ALL, got);
            session.resume();
            await().until(() -> got.stdout.length() == 1);
            log.append(Pieces.out(1, "more"));
            got.wants = true;
            session.resume();
            await().until(got::ended);
            assertThat(got.stdout).hasToString("ab");
        }
    }

    @Test
    void halfARecordIsNotRead() throws IOException {
        Pieces.write(logs.folder(id), List.of(Pieces.out(1, "before ")));
        var file = new LogFolder(logs.folder(id)).file(1);
        Files.write(file, new byte[] {0, 0, 0, 100, 1, 2, 3}, StandardOpenOption.APPEND);
        var got = read(LogQuery.ALL);
        await().until(got::ended);
        assertThat(got.stdout).hasToString("before ");
    }

    @Test
    void aRemovedLogIsGoneAndItsFollowersEnd() throws IOException {
        try (var log = records(Long.MAX_VALUE)) {
            var _ = logs.followNextRun(id, spool);
            log.begin();
            log.append(Pieces.out(1, "a"));
            var got = read(FOLLOW);
            await().until(() -> got.stdout.toString().equals("a"));
            logs.remove(id);
            await().until(got::ended);
        }
        assertThat(root.resolve(id.value())).doesNotExist();
    }

    /** As when the writer is just taking a file away when the reader stops reading. */
    @Test
    void readerWhoseHoldWasRefusedAsksForItAgainThoughItReadsNothing() throws IOException {
        var viewer = new Viewer();
        viewer.wants = false;
        spool.readLossless(viewer).resume();
        var folder = new LogFolder(logs.folder(id));
        try (var writer = TailLock.open(folder.reader());
                var log = records(Long.MAX_VALUE)) {
            assertThat(writer.from(0)).isTrue();
            try (var _ = logs.followNextRun(id, spool)) {
                log.begin();
                for (int i = 0; i < 300; i++) {
                    log.append(Pieces.out(1, "x".repeat(10_000)));
                }
                await().until(() -> spool.stdoutBytes() > 1 << 20);
                writer.release();
                await().until(() -> {
                    log.append(Pieces.out(1, "y"));
                    var refused = !writer.from(9);
                    writer.release();
                    return refused;
                });
            }
        }
    }

    private Viewer view() {
        var viewer = new Viewer();
        spool.readLossless(viewer).resume();
        return viewer;
    }

    /** Keeps what a spool's reader gets. */
    private static final class Viewer implements OutputSink {
        private final StringBuilder out = new StringBuilder();
        private final StringBuilder err = new StringBuilder();
        private final List<Integer> gaps = new CopyOnWriteArrayList<>();
        private volatile boolean wants = true;

        synchronized String text(OutputKind stream) {
            return (stream == STDOUT ? out : err).toString();
        }

        @Override
        public synchronized boolean output(OutputKind stream, long offset, byte[] bytes) {
            (stream == STDOUT ? out : err).append(new String(bytes, StandardCharsets.ISO_8859_1));
            return wants;
        }

        @Override
        public void gap(OutputKind stream, long from, long to, GapCause cause) {
            gaps.add((int) from);
            gaps.add((int) to);
        }

        @Override
        public void exited(ProcessExit exit) {}
    }
}
