package dev.hawse.stream;

import static dev.hawse.runtime.OutputKind.STDERR;
import static dev.hawse.runtime.OutputKind.STDOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is written and read here happens when {@link Tasks} are run, so that every order can be tried. */
@Timeout(30)
class LogStoreTest {

    private static final LogQuery FOLLOW = new LogQuery(true, null, null, null, Set.of());

    private final ContainerId id = ContainerId.random();
    private final Tasks tasks = new Tasks();
    private final Spool spool = Spool.block(1 << 20);
    private final AtomicInteger room = new AtomicInteger();

    @TempDir
    private Path root;

    private LogStore logs() {
        return new LogStore(root.resolve("logs"), tasks);
    }

    private Path file() {
        return root.resolve("logs").resolve(id.value()).resolve("main.log");
    }

    @Test
    void whatIsWrittenIsReadBackByteByByte() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "one\n\0\377");
        append(STDERR, "two");
        append(STDOUT, "three\n");
        spool.finish(Exits.of(spool));
        tasks.runAll();

        var got = read(logs, LogQuery.ALL);
        assertThat(got.lines).hasSize(3);
        assertThat(got.stdout).hasToString("one\n\0\377three\n");
        assertThat(got.stderr).hasToString("two");
        assertThat(got.ended()).isTrue();
    }

    @Test
    void theTimeOfARecordIsWhenItWasRead() {
        var before = Instant.now();
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "a");
        tasks.runAll();
        assertThat(read(logs, LogQuery.ALL).times)
                .hasSize(1)
                .allSatisfy(time -> assertThat(time).isBetween(before, Instant.now()));
    }

    @Test
    void aContainerThatNeverRanHasAnEmptyLogAndFollowingItEndsAtOnce() {
        for (var query : List.of(LogQuery.ALL, FOLLOW)) {
            var got = read(logs(), query);
            assertThat(got.lines).isEmpty();
            assertThat(got.ended()).isTrue();
        }
    }

    @Test
    void followingAContainerThatHasEndedEndsAfterItsLastByte() throws IOException {
        Pieces.write(file(), List.of(Pieces.out(1, "a")));
        var got = read(logs(), FOLLOW);
        assertThat(got.stdout).hasToString("a");
        assertThat(got.ended()).isTrue();
    }

    @Test
    void followGoesOnWithWhatIsWrittenAndEndsWithTheContainer() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "a");
        var got = read(logs, FOLLOW);
        assertThat(got.stdout).hasToString("a");

        append(STDOUT, "b");
        tasks.runAll();
        append(STDOUT, "c");
        tasks.runAll();
        assertThat(got.stdout).hasToString("abc");
        assertThat(got.end).isNotDone();

        append(STDERR, "d");
        spool.finish(Exits.of(spool));
        tasks.runAll();
        assertThat(got.stderr).hasToString("d");
        assertThat(got.ended()).isTrue();
    }

    @Test
    void aFollowerThatComesBeforeTheFileIsThereWaitsForIt() {
        var logs = logs();
        logs.write(id, spool);
        var got = new Transcript();
        logs.read(id, FOLLOW, got).resume();
        tasks.runNewestFirst();
        assertThat(got.end).isNotDone();

        append(STDOUT, "a");
        tasks.runAll();
        assertThat(got.stdout).hasToString("a");
        assertThat(got.end).isNotDone();
    }

    @Test
    void aFollowerOfTheOneRunDoesNotGoOnToTheNext() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "first");
        var got = new Transcript();
        got.wants = false;
        var session = logs.read(id, FOLLOW, got);
        session.resume();
        tasks.runAll();
        append(STDOUT, " run");
        spool.finish(Exits.of(spool));
        tasks.runAll();

        var next = Spool.block(1000);
        logs.write(id, next);
        next.append(STDOUT, new byte[] {'!'});
        tasks.runAll();
        got.wants = true;
        session.resume();
        tasks.runAll();
        assertThat(got.stdout).hasToString("first run");
        assertThat(got.ended()).isTrue();
        assertThat(read(logs, LogQuery.ALL).stdout).hasToString("first run!");
    }

    @Test
    void withoutFollowItEndsWhereItEndedThoughTheLogGrowsAsFastAsItIsRead() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "ab");
        tasks.runAll();
        var got = new Transcript() {
            @Override
            public boolean record(OutputKind stream, Instant time, byte[] bytes) {
                append(STDOUT, "more");
                tasks.runAll();
                return super.record(stream, time, bytes);
            }
        };
        logs.read(id, LogQuery.ALL, got).resume();
        tasks.runAll();
        assertThat(got.stdout).hasToString("ab");
        assertThat(got.ended()).isTrue();
    }

    @Test
    void tailAndFollowGoTogether() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "one\ntwo\nthr");
        tasks.runAll();
        var last = read(logs, new LogQuery(true, null, null, 2L, Set.of()));
        var none = read(logs, new LogQuery(true, null, null, 0L, Set.of()));
        append(STDOUT, "ee\n");
        tasks.runAll();
        assertThat(last.stdout).hasToString("two\nthree\n");
        assertThat(none.stdout).hasToString("ee\n");
    }

    @Test
    void followEndsAtTheFirstRecordThatIsTooLate() {
        var logs = logs();
        logs.write(id, spool);
        var got = read(logs, new LogQuery(true, null, Instant.now().minusSeconds(60), null, Set.of()));
        append(STDOUT, "a");
        tasks.runAll();
        assertThat(got.lines).isEmpty();
        assertThat(got.ended()).isTrue();
    }

    @Test
    void aStalledReaderIsLeftAloneAndHoldsNobodyBack() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "a");
        append(STDOUT, "b");
        tasks.runAll();
        var got = new Transcript();
        got.wants = false;
        var session = logs.read(id, FOLLOW, got);
        tasks.runAll();
        assertThat(got.lines).isEmpty();
        session.resume();
        tasks.runAll();
        for (int i = 0; i < 1000; i++) {
            assertThat(append(STDOUT, "x".repeat(10_000))).isTrue();
            tasks.runAll();
        }
        spool.finish(Exits.of(spool));
        tasks.runAll();
        assertThat(got.stdout).hasToString("a");
        assertThat(got.end).isNotDone();

        session.resume();
        tasks.runAll();
        assertThat(got.stdout).hasToString("ab");
        got.wants = true;
        session.resume();
        tasks.runAll();
        assertThat(got.stdout.length()).isEqualTo(2 + 1000 * 10_000);
        assertThat(got.ended()).isTrue();
    }

    @Test
    void aResumeInsideTheCallbackOutlivesItsFalse() throws IOException {
        Pieces.write(file(), List.of(Pieces.out(1, "a"), Pieces.out(1, "b")));
        var logs = logs();
        var got = new Transcript() {
            @Nullable
            LogSession session;

            @Override
            public boolean record(OutputKind stream, Instant time, byte[] bytes) {
                super.record(stream, time, bytes);
                if (session != null) {
                    session.resume();
                }
                return false;
            }
        };
        got.session = logs.read(id, LogQuery.ALL, got);
        got.session.resume();
        tasks.runAll();
        assertThat(got.stdout).hasToString("ab");
        assertThat(got.ended()).isTrue();
    }

    @Test
    void aClosedReaderHearsNothingMoreAndFreesItsFile() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "a");
        tasks.runAll();
        var open = openFiles();
        var got = new Transcript();
        var session = logs.read(id, FOLLOW, got);
        session.resume();
        tasks.runAll();
        assertThat(openFiles()).isEqualTo(open + 1);

        session.close();
        session.close();
        append(STDOUT, "b");
        spool.finish(Exits.of(spool));
        tasks.runAll();
        session.resume();
        tasks.runAll();
        assertThat(got.stdout).hasToString("a");
        assertThat(got.end).isNotDone();
        assertThat(openFiles()).isZero();
    }

    @Test
    void aReaderWhoseSinkThrowsFreesItsFileAndHurtsNobodyElse() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "a");
        logs.read(id, FOLLOW, new Transcript() {
                    @Override
                    public boolean record(OutputKind stream, Instant time, byte[] bytes) {
                        throw new IllegalStateException("as a test wants it");
                    }
                })
                .resume();
        var other = read(logs, FOLLOW);
        append(STDOUT, "b");
        spool.finish(Exits.of(spool));
        tasks.runAll();
        assertThat(other.stdout).hasToString("ab");
        assertThat(other.ended()).isTrue();
        assertThat(openFiles()).isZero();
    }

    @Test
    void aDamagedLogIsReadUpToTheDamageWhichIsTold() throws IOException {
        Pieces.write(file(), List.of(Pieces.out(1, "good"), Pieces.out(1, "damaged"), Pieces.out(1, "good")));
        var bytes = Files.readAllBytes(file());
        bytes[LogFile.HEADER + Pieces.out(1, "good").size() + LogFile.HEAD] ^= 1;
        Files.write(file(), bytes);
        var got = read(logs(), LogQuery.ALL);
        assertThat(got.stdout).hasToString("good");
        assertThat(got.end.join()).isInstanceOf(RuntimeFailure.class);
        assertThat(openFiles()).isZero();
    }

    @Test
    void whatACrashLeftHalfWrittenIsGoneWhenTheContainerIsStartedAgain() throws IOException {
        Pieces.write(file(), List.of(Pieces.out(1, "before ")));
        Files.write(file(), new byte[] {0, 0, 0, 100, 1, 2, 3}, StandardOpenOption.APPEND);
        var logs = logs();
        assertThat(read(logs, LogQuery.ALL).stdout).hasToString("before ");

        logs.write(id, spool);
        append(STDOUT, "after");
        var follower = read(logs, FOLLOW);
        assertThat(follower.stdout).hasToString("before after");
    }

    @Test
    void aSlowDiskHoldsTheProcessBack() {
        spool.onRoom(room::incrementAndGet);
        var logs = logs();
        logs.write(id, spool);
        int taken = 0;
        while (append(STDOUT, "x".repeat(10_000))) {
            taken++;
        }
        // What the spool holds, and what the writer has taken.
        assertThat(taken * 10_000).isBetween(1 << 20, (1 << 20) + (256 << 10) + 20_000);
        assertThat(room).hasValue(0);

        tasks.runAll();
        assertThat(room).hasValue(1);
        spool.finish(Exits.of(spool));
        tasks.runAll();
        assertThat(read(logs, LogQuery.ALL).stdout.length()).isEqualTo((taken + 1) * 10_000);
    }

    @Test
    void aSecondWriterWaitsUntilTheFirstHasWrittenEverything() {
        var logs = logs();
        logs.write(id, spool);
        append(STDOUT, "first ");
        append(STDOUT, "run, ");
        spool.finish(Exits.of(spool));
        var next = Spool.block(1000);
        logs.write(id, next);
        next.append(STDOUT, "second".getBytes(StandardCharsets.UTF_8));
        var follower = new Transcript();
        logs.read(id, FOLLOW, follower).resume();
        tasks.runNewestFirst();

        assertThat(read(logs, LogQuery.ALL).stdout).hasToString("first run, second");
        assertThat(follower.stdout).hasToString("first run, second");
        assertThat(follower.end).isNotDone();
    }

    @Test
    void aStartThatFailedLeavesAnEmptyLogAndTheNextOneGoesOn() {
        var logs = logs();
        logs.write(id, Spool.block(1000)).close();
        var registration = logs.write(id, spool);
        append(STDOUT, "a");
        tasks.runNewestFirst();
        var follower = read(logs, FOLLOW);
        assertThat(follower.stdout).hasToString("a");
        assertThat(follower.end).isNotDone();

        registration.close();
        registration.close();
        tasks.runAll();
        assertThat(follower.ended()).isTrue();
        assertThat(openFiles()).isZero();
    }

    @Test
    void whatTheSpoolHoldsWhenAWriterIsClosedIsStillWrittenAndNothingMore() {
        var logs = logs();
        var registration = logs.write(id, spool);
        int chunks = 60;
        for (int i = 0; i < chunks; i++) {
            append(STDOUT, "x".repeat(10_000));
        }
        append(STDERR, "last");
        registration.close();
        append(STDOUT, "too late");
        tasks.runAll();
        var got = read(logs, LogQuery.ALL);
        assertThat(got.stdout.length()).isEqualTo(chunks * 10_000);
        assertThat(got.stderr).hasToString("last");
        assertThat(spool.readers()).isZero();
    }

    @Test
    void aFullDiskLeavesAHoleAndHoldsNobodyBack() throws IOException {
        Files.createDirectories(file().resolveSibling(""));
        Files.createSymbolicLink(file(), Path.of("/dev/full"));
        var logs = logs();
        logs.write(id, spool);
        for (int i = 0; i < 1000; i++) {
            assertThat(append(STDOUT, "x".repeat(10_000))).isTrue();
            tasks.runAll();
        }
        Files.delete(file());
        append(STDOUT, "there is room again");
        spool.finish(Exits.of(spool));
        tasks.runAll();
        var got = read(logs, LogQuery.ALL);
        assertThat(got.stdout).hasToString("there is room again");
        assertThat(openFiles()).isZero();
    }

    @Test
    void closingTheStoreWritesWhatTheSpoolsHold() throws IOException {
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var store = new LogStore(root.resolve("logs"), workers);
            var _ = store.write(id, spool);
            for (int i = 0; i < 100; i++) {
                append(STDOUT, "x".repeat(10_000));
            }
            store.close();
        }
        assertThat(read(logs(), LogQuery.ALL).stdout.length()).isEqualTo(100 * 10_000);
        assertThat(openFiles()).isZero();
    }

    @Test
    void aRemovedLogStaysRemovedThoughItsWriterHadNotBegun() {
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var store = new LogStore(root.resolve("logs"), workers);
            for (int i = 0; i < 100; i++) {
                store.write(id, Spool.block(1000)).close();
                store.remove(id);
                assertThat(file().resolveSibling("")).doesNotExist();
            }
        }
    }

    @Test
    void whoReadsALogThatIsRemovedMayGoOn() throws IOException {
        Pieces.write(file(), List.of(Pieces.out(1, "a"), Pieces.out(1, "b")));
        var logs = logs();
        var got = new Transcript();
        got.wants = false;
        var session = logs.read(id, LogQuery.ALL, got);
        session.resume();
        tasks.runAll();
        logs.remove(id);
        got.wants = true;
        session.resume();
        tasks.runAll();
        assertThat(got.stdout).hasToString("ab");
        assertThat(got.ended()).isTrue();
    }

    @Test
    void everyFollowerGetsEveryByteWhileTheLogIsWritten() throws Exception {
        var roomMade = new AtomicInteger();
        spool.onRoom(() -> {
            synchronized (roomMade) {
                roomMade.incrementAndGet();
                roomMade.notifyAll();
            }
        });
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var store = new LogStore(root.resolve("logs"), workers);
            var _ = store.write(id, spool);
            var readers = new ArrayList<Transcript>();
            int chunks = 20_000;
            var expected = new StringBuilder();
            for (int i = 0; i < chunks; i++) {
                if (i % (chunks / 4) == 0) {
                    var got = new Transcript();
                    store.read(id, FOLLOW, got).resume();
                    readers.add(got);
                }
                var before = roomMade.get();
                expected.append(i).append('\n');
                if (!append(STDOUT, i + "\n")) {
                    synchronized (roomMade) {
                        while (roomMade.get() == before) {
                            roomMade.wait();
                        }
                    }
                }
            }
            spool.finish(Exits.of(spool));
            for (var reader : readers) {
                assertThat(reader.end.get()).isNull();
                assertThat(reader.stdout.compareTo(expected)).isZero();
            }
        }
        assertThat(openFiles()).isZero();
    }

    private Transcript read(LogStore logs, LogQuery query) {
        var got = new Transcript();
        logs.read(id, query, got).resume();
        tasks.runAll();
        return got;
    }

    private boolean append(OutputKind stream, String bytes) {
        return spool.append(stream, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** How many descriptors of this process are open on the log, there or removed. */
    private long openFiles() {
        var fds = Path.of("/proc/self/fd").toFile().list();
        long open = 0;
        for (var fd : fds == null ? new String[0] : fds) {
            try {
                var target =
                        Files.readSymbolicLink(Path.of("/proc/self/fd", fd)).toString();
                open += target.startsWith(file().toString()) ? 1 : 0;
            } catch (IOException e) {
                assertThat(e).as("closed meanwhile").isInstanceOf(NoSuchFileException.class);
            }
        }
        return open;
    }
}
