package dev.hawse.state;

import static dev.hawse.state.Records.NOW;
import static dev.hawse.state.Records.get;
import static dev.hawse.state.Records.pending;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ExecRecordsTest {

    private static final RequestId REQUEST = new RequestId("Exec", "key-1");

    private final MovingClock clock = new MovingClock();

    @TempDir
    private Path dir;

    private StateStore store;

    @BeforeEach
    void open() throws StateException {
        store = StateStore.open(dir, clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private StateStore reopened() throws StateException {
        store.close();
        store = StateStore.open(dir, clock);
        return store;
    }

    /** What a server finds that was started after this one was killed at this moment. */
    private StateStore afterKill(Path other) throws Exception {
        for (var file : List.of("state.db", "state.db-wal")) {
            Files.copy(dir.resolve(file), other.resolve(file));
        }
        return StateStore.open(other, clock);
    }

    @Test
    void aRecordIsThereAfterItsWholeLife() throws StateException {
        assertThat(get(store.execs().begin(pending("e1", null), null))).isEqualTo(new Claim.First());
        get(store.execs().started("e1", 4711, NOW.plusNanos(1), Duration.ofNanos(77)));
        clock.move(Duration.ofSeconds(3));
        get(store.execs().ended("e1", "{\"code\":3}", 10, 20));
        assertThat(reopened().execs().find("e1"))
                .contains(new ExecRecord(
                        "e1",
                        "c1",
                        "CONTAINERD",
                        null,
                        "{\"args\":[\"true\"]}",
                        ExecRecord.State.ENDED,
                        4711,
                        NOW,
                        NOW.plusNanos(1),
                        NOW.plusSeconds(3),
                        null,
                        "{\"code\":3}",
                        10,
                        20,
                        "boot-1",
                        Duration.ofNanos(77),
                        null));
    }

    @Test
    void whatHasBegunIsOnTheDiskBeforeItsCallerIsTold(@TempDir Path other) throws Exception {
        get(store.execs().begin(pending("e1", "h1"), REQUEST));
        try (var next = afterKill(other)) {
            assertThat(next.execs().find("e1")).map(ExecRecord::state).contains(ExecRecord.State.PENDING);
            assertThat(get(next.execs().begin(pending("e2", "h1"), REQUEST)))
                    .isEqualTo(new Claim.Known("h1", "e1", false));
        }
    }

    @Test
    void theSecondWithARequestIdLeavesNoRecord() {
        get(store.execs().begin(pending("e1", "h1"), REQUEST));
        assertThat(get(store.execs().begin(pending("e2", "h2"), REQUEST)))
                .isEqualTo(new Claim.Known("h1", "e1", false));
        assertThat(store.execs().all()).extracting(ExecRecord::id).containsExactly("e1");
    }

    @Test
    void aRequestIdOutlivesItsRecord() {
        get(store.execs().begin(pending("e1", "h1"), REQUEST));
        get(store.execs().ended("e1", "{}", 0, 0));
        get(store.execs().delete("e1"));
        assertThat(get(store.execs().begin(pending("e2", "h1"), REQUEST))).isEqualTo(new Claim.Known("h1", "e1", true));
    }

    /** As on a disk that was full until the record's time was over. */
    @Test
    void aRequestWhoseEndWasNeverWrittenIsOverOnceItsRecordIsForgotten() {
        get(store.execs().begin(pending("e1", "h1"), REQUEST));
        get(store.execs().delete("e1"));
        assertThat(get(store.execs().begin(pending("e2", "h1"), REQUEST))).isEqualTo(new Claim.Known("h1", "e1", true));
        clock.move(RequestIds.KEPT.plusSeconds(1));
        assertThat(get(store.execs().begin(pending("e2", "h1"), REQUEST))).isEqualTo(new Claim.First());
    }

    @Test
    void whatCameToNothingMayBeTriedAgain() {
        get(store.execs().begin(pending("e1", "h1"), REQUEST));
        get(store.execs().withdraw("e1"));
        assertThat(get(store.execs().begin(pending("e2", "h1"), REQUEST))).isEqualTo(new Claim.First());
        assertThat(store.execs().all()).extracting(ExecRecord::id).containsExactly("e2");
    }

    @Test
    void theFirstEndCounts() {
        get(store.execs().begin(pending("e1", null), null));
        get(store.execs().ended("e1", "first", 1, 2));
        get(store.execs().ended("e1", "second", 3, 4));
        get(store.execs().started("e1", 1, NOW, Duration.ZERO));
        assertThat(store.execs().find("e1")).hasValueSatisfying(r -> {
            assertThat(r.exit()).isEqualTo("first");
            assertThat(r.state()).isEqualTo(ExecRecord.State.ENDED);
        });
    }

    @Test
    void aDeadlineIsKept() {
        get(store.execs().begin(pending("e1", null), null));
        get(store.execs().deadline("e1", NOW.plusSeconds(9), Duration.ofHours(1)));
        assertThat(store.execs().find("e1")).map(ExecRecord::deadline).contains(NOW.plusSeconds(9));
        assertThat(store.execs().find("e1")).map(ExecRecord::deadlineSinceBoot).contains(Duration.ofHours(1));
        get(store.execs().deadline("e1", null, null));
        assertThat(store.execs().find("e1").orElseThrow().deadline()).isNull();
    }

    @Test
    void oneThatCannotBeWrittenSpoilsNothingForTheOthers() {
        var writes = IntStream.range(0, 200)
                .mapToObj(i -> store.execs().begin(pending("e" + (i % 100), null), null))
                .toList();
        for (int i = 0; i < 100; i++) {
            assertThat(get(writes.get(i))).isEqualTo(new Claim.First());
            assertThat(writes.get(100 + i)).failsWithin(Duration.ofSeconds(10));
        }
        assertThat(store.execs().all()).hasSize(100);
    }

    @Test
    void manyWritesAtOnceAreAllOnTheDisk() throws StateException {
        var writes = IntStream.range(0, 2000)
                .mapToObj(i -> store.execs().begin(pending("e" + i, null), null))
                .toArray(CompletableFuture[]::new);
        get(CompletableFuture.allOf(writes));
        assertThat(reopened().execs().all()).hasSize(2000);
    }

    @Test
    void whoIsToldMayBlockWithoutHoldingUpOthers() throws Exception {
        var hold = new CompletableFuture<Void>();
        var blocked = store.execs().begin(pending("e1", null), null).thenRun(hold::join);
        get(store.execs().begin(pending("e2", null), null));
        hold.complete(null);
        get(blocked);
    }

    @Test
    void whatWaitsIsWrittenBeforeTheStoreCloses() throws StateException {
        for (int i = 0; i < 500; i++) {
            var _ = store.execs().begin(pending("e" + i, null), null);
        }
        assertThat(reopened().execs().all()).hasSize(500);
    }

    @Test
    void aClosedStoreSaysSo() {
        store.close();
        assertThat(store.execs().begin(pending("e1", null), null))
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .withMessageContaining("closed");
    }
}
