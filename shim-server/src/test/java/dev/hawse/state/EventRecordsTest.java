package dev.hawse.state;

import static dev.hawse.state.Records.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SpawnFailureKind;
import dev.hawse.stream.EventLog;
import dev.hawse.stream.EventReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log of events on a real store, across lives of the server. */
@Timeout(120)
class EventRecordsTest {

    private final MovingClock clock = new MovingClock();
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

    @TempDir
    private Path dir;

    private StateStore store;
    private EventLog log;

    @BeforeEach
    void open() throws StateException {
        open(dir, 100_000);
    }

    private void open(Path where, int kept) throws StateException {
        store = StateStore.open(where, clock);
        log = new EventLog(store.events(kept, Duration.ofDays(7)), workers);
    }

    @AfterEach
    void close() {
        store.close();
        workers.shutdownNow();
    }

    private void reopen(int kept) throws StateException {
        store.close();
        open(dir, kept);
    }

    /** Goes on as a server does that was started after this one was killed at this moment. */
    private void killAndReopen(Path other) throws Exception {
        for (var file : List.of("state.db", "state.db-wal")) {
            Files.copy(dir.resolve(file), other.resolve(file));
        }
        store.close();
        open(other, 100_000);
    }

    private static class Sink implements EventReader.Sink {
        final List<EventLog.Numbered> got = new CopyOnWriteArrayList<>();

        @Override
        public boolean event(EventLog.Numbered event) {
            got.add(event);
            return true;
        }

        @Override
        public void cutOff(RuntimeFailure why) {
            throw why;
        }

        List<String> images() {
            return got.stream().map(n -> String.valueOf(n.event().image())).toList();
        }

        void await(int count) {
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> got.size() >= count);
        }
    }

    private Sink read(@Nullable Long from) {
        var sink = new Sink();
        log.read(from, sink).resume();
        return sink;
    }

    private void append(int from, int to) {
        for (int i = from; i < to; i++) {
            log.append(image("i" + i));
        }
    }

    /** No faster than they are kept. */
    private Sink appendKept(int count) {
        var sink = read(null);
        for (int i = 0; i < count; i += 1000) {
            append(i, Math.min(i + 1000, count));
            sink.await(Math.min(i + 1000, count));
        }
        return sink;
    }

    private static RuntimeEvent image(String name) {
        return new RuntimeEvent(RuntimeEvent.Type.IMAGE_UPDATED, RuntimeKind.CONTAINERD, NOW, null, null, name, null);
    }

    @Test
    void eventsAreThereInTheNextLifeUnderTheirNumbers() throws Exception {
        var first = log.next();
        var before = read(null);
        append(0, 1000);
        before.await(1000);
        reopen(100_000);
        var after = read(first);
        append(1000, 1010);
        after.await(1010);
        assertThat(after.got.subList(0, 1000)).isEqualTo(before.got);
        assertThat(after.images()).doesNotHaveDuplicates();
        assertThat(after.got).extracting(EventLog.Numbered::sequence).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whatAReaderWasToldSurvivesAKill(@TempDir Path other) throws Exception {
        var first = log.next();
        var before = read(null);
        append(0, 50);
        before.await(50);
        killAndReopen(other);
        var after = read(first);
        after.await(50);
        assertThat(after.got).isEqualTo(before.got);
    }

    @Test
    void aNumberNeverStandsForTwoEventsWhateverTheClockDoes(@TempDir Path other) throws Exception {
        var all = read(null);
        append(0, 50);
        all.await(50);
        clock.move(Duration.ofDays(-1));
        killAndReopen(other);
        assertThat(log.next()).isGreaterThan(all.got.getLast().sequence());
        var next = read(null);
        clock.move(Duration.ofDays(2));
        append(50, 60);
        next.await(10);
        assertThat(next.got.getFirst().sequence())
                .isGreaterThan(all.got.getLast().sequence());
    }

    @Test
    void everyFieldIsKept() throws Exception {
        var first = log.next();
        var exits = List.of(
                new ExitOutcome.Code(3),
                new ExitOutcome.Signaled(Signal.KILL),
                new ExitOutcome.SpawnFailed(SpawnFailureKind.NOT_FOUND, 2, "no: such: file"),
                new ExitOutcome.Lost("gone: nobody knows"));
        var before = read(null);
        for (var exit : exits) {
            log.append(
                    new RuntimeEvent(RuntimeEvent.Type.EXEC_EXITED, RuntimeKind.CONTAINERD, NOW, "c", "e", null, exit));
        }
        before.await(4);
        reopen(100_000);
        var after = read(first);
        after.await(4);
        assertThat(after.got).isEqualTo(before.got);
    }

    @Test
    void whoIsFarBehindReadsTheStoreAndMissesNothing() {
        var first = log.next();
        var sink = new Sink();
        var reader = log.read(first, sink);
        var before = appendKept(3 * EventLog.KEPT);
        reader.resume();
        append(0, EventLog.KEPT);
        before.await(4 * EventLog.KEPT);
        sink.await(4 * EventLog.KEPT);
        assertThat(sink.got).isEqualTo(before.got);
    }

    @Test
    void noMoreAreKeptThanTheLimit() throws Exception {
        var first = log.next();
        var before = appendKept(10_000);
        reopen(1000);
        assertThatThrownBy(() -> log.read(first, new Sink())).isInstanceOfSatisfying(RuntimeFailure.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.SEQUENCE_OUT_OF_RANGE);
            assertThat(e.metadata()).containsEntry("oldest", Long.toString(first + 9000));
        });
        var after = read(first + 9000);
        after.await(1000);
        assertThat(after.got).isEqualTo(before.got.subList(9000, 10_000));
    }

    @Test
    void noneIsKeptLongerThanTheLimit() throws Exception {
        var first = log.next();
        var before = read(null);
        append(0, 10);
        before.await(10);
        clock.move(Duration.ofDays(7).plusSeconds(1));
        reopen(100_000);
        assertThatThrownBy(() -> log.read(first, new Sink())).hasMessageContaining("is not kept");
        assertThat(read(first + 10).got).isEmpty();
    }

    @Test
    void theFutureIsOutOfRange() {
        assertThatThrownBy(() -> log.read(log.next() + 1, new Sink()))
                .isInstanceOfSatisfying(
                        RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.SEQUENCE_OUT_OF_RANGE));
    }
}
