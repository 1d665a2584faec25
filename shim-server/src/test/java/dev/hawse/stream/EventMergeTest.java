package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventMergeTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    /** Keeps all in memory, at once. */
    private static final class Memory implements EventStore {
        final List<String> events = new ArrayList<>();
        final Map<String, Told> told = new LinkedHashMap<>();
        boolean fresh;

        /** What a write waits for before it completes. */
        CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

        @Override
        public long first() {
            return 1;
        }

        @Override
        public long oldest() {
            return 1;
        }

        @Override
        public boolean isFresh() {
            return fresh;
        }

        @Override
        public List<Told> told() {
            return List.copyOf(told.values());
        }

        @Override
        public CompletableFuture<Void> write(List<Entry> entries, @Nullable Long completeFrom) {
            for (var entry : entries) {
                var event = entry.numbered().event();
                events.add(event.type().name().replace("CONTAINER_", "")
                        + switch (event.exit()) {
                            case ExitOutcome.Code(int code) -> " " + code;
                            case ExitOutcome.Lost(String reason) -> " lost";
                            case null, default -> "";
                        });
                if (entry.told() != null) {
                    var _ = note(entry.told());
                }
            }
            return written;
        }

        @Override
        public CompletableFuture<Void> note(Told one) {
            if (one.phase() == Phase.REMOVED) {
                told.remove(one.container());
            } else {
                told.put(one.container(), one);
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public List<EventLog.Numbered> read(long from, int most) {
            return List.of();
        }
    }

    private final Memory store = new Memory();
    private EventMerge merge = new EventMerge(new EventLog(store, Runnable::run), store);

    /** As in a server that has run before. */
    @BeforeEach
    void restart() {
        merge = new EventMerge(new EventLog(store, Runnable::run), store);
    }

    private void tell(RuntimeEvent.Type type, int second, long run, @Nullable ExitOutcome exit) {
        merge.event(
                new RuntimeEvent(type, RuntimeKind.CONTAINERD, NOW.plusSeconds(second), "c", null, null, exit, run));
    }

    private void created() {
        tell(RuntimeEvent.Type.CONTAINER_CREATED, 0, 0, null);
    }

    private void started(int second, long run) {
        tell(RuntimeEvent.Type.CONTAINER_STARTED, second, run, null);
    }

    private void exited(int second, long run, int code) {
        tell(RuntimeEvent.Type.CONTAINER_EXITED, second, run, new ExitOutcome.Code(code));
    }

    private void found(int second, @Nullable Integer code) {
        tell(
                RuntimeEvent.Type.CONTAINER_EXITED,
                second,
                0,
                code == null ? new ExitOutcome.Lost("unseen") : new ExitOutcome.Code(code));
    }

    private void removed() {
        tell(RuntimeEvent.Type.CONTAINER_REMOVED, 99, 0, null);
    }

    private void listed(String... ids) {
        merge.listing(RuntimeKind.CONTAINERD).accept(Set.of(ids));
    }

    private void assertTold(String... events) {
        assertThat(store.events).containsExactly(events);
    }

    @Test
    void aLifeIsToldAsItIs() {
        created();
        started(1, 10);
        exited(2, 10, 0);
        started(3, 11);
        exited(4, 11, 1);
        removed();
        assertTold("CREATED", "STARTED", "EXITED 0", "STARTED", "EXITED 1", "REMOVED");
        assertThat(store.told).isEmpty();
    }

    @Test
    void whatIsToldAgainAfterARestartIsToldOnce() {
        created();
        started(1, 10);
        restart();
        created();
        started(1, 10);
        exited(5, 10, 3);
        restart();
        created();
        started(1, 10);
        exited(5, 10, 3);
        found(5, 3);
        listed("c");
        assertTold("CREATED", "STARTED", "EXITED 3");
    }

    @Test
    void anEndThatHappenedMeanwhileIsToldFromTheRecord() {
        created();
        started(1, 10);
        restart();
        created();
        found(7, 5);
        assertTold("CREATED", "STARTED", "EXITED 5");
    }

    @Test
    void theRecordOfAnOlderRunIsNotTakenForTheEndOfThisOne() {
        created();
        started(1, 10);
        exited(2, 10, 5);
        started(3, 11);
        restart();
        created();
        found(2, 5);
        assertTold("CREATED", "STARTED", "EXITED 5", "STARTED", "EXITED lost");
    }

    @Test
    void anEndThatNobodyRecordedIsLost() {
        created();
        started(1, 10);
        restart();
        created();
        found(9, null);
        assertTold("CREATED", "STARTED", "EXITED lost");
    }

    @Test
    void aContainerThatNeverRanHasNoEnd() {
        created();
        restart();
        created();
        found(9, null);
        assertTold("CREATED");
    }

    @Test
    void aRunThatWasNeverToldIsToldWhole() {
        created();
        restart();
        created();
        started(2, 10);
        exited(3, 10, 0);
        restart();
        created();
        exited(8, 11, 1);
        assertTold("CREATED", "STARTED", "EXITED 0", "STARTED", "EXITED 1");
    }

    @Test
    void anotherRunEndsTheOneBefore() {
        created();
        started(1, 10);
        restart();
        created();
        started(5, 11);
        assertTold("CREATED", "STARTED", "EXITED lost", "STARTED");
    }

    @Test
    void aProcessIdThatIsUsedAgainIsAnotherRun() {
        created();
        started(1, 10);
        exited(2, 10, 0);
        started(3, 10);
        exited(4, 10, 1);
        assertTold("CREATED", "STARTED", "EXITED 0", "STARTED", "EXITED 1");
    }

    @Test
    void whatIsGoneWasRemoved() {
        created();
        started(1, 10);
        restart();
        listed("another");
        listed("another");
        assertTold("CREATED", "STARTED", "EXITED lost", "REMOVED");
    }

    @Test
    void whatIsMadeWhileTheListIsOnItsWayIsNotGone() {
        var answer = merge.listing(RuntimeKind.CONTAINERD);
        created();
        answer.accept(Set.of());
        assertTold("CREATED");
    }

    @Test
    void aServerThatHasLostItsStoreTakesWhatItFindsAsTold() {
        store.fresh = true;
        restart();
        created();
        started(1, 10);
        listed("c");
        assertTold();
        exited(2, 10, 0);
        assertTold("EXITED 0");
        restart();
        store.fresh = false;
        created();
        found(2, 0);
        assertTold("EXITED 0");
    }

    private void command(RuntimeEvent.Type type, String exec) {
        var exit = type == RuntimeEvent.Type.EXEC_EXITED ? new ExitOutcome.Code(0) : null;
        merge.event(new RuntimeEvent(type, RuntimeKind.CONTAINERD, NOW, "c", exec, null, exit));
    }

    @Test
    void aCommandThatIsTakenOverIsNotToldAgain() {
        command(RuntimeEvent.Type.EXEC_STARTED, "e");
        restart();
        command(RuntimeEvent.Type.EXEC_STARTED, "e");
        command(RuntimeEvent.Type.EXEC_EXITED, "e");
        restart();
        command(RuntimeEvent.Type.EXEC_STARTED, "e");
        command(RuntimeEvent.Type.EXEC_EXITED, "e");
        merge.commandsKnown(RuntimeKind.CONTAINERD, Set.of("e")::contains);
        assertThat(store.events).hasSize(2);
        merge.commandGone(RuntimeKind.CONTAINERD, "c", "e");
        assertThat(store.told).isEmpty();
    }

    @Test
    void anEndThatWasOnDiskAndNotToldIsToldOnce() {
        var end = new RuntimeEvent(
                RuntimeEvent.Type.EXEC_EXITED, RuntimeKind.CONTAINERD, NOW, "c", "e", null, new ExitOutcome.Code(7));
        command(RuntimeEvent.Type.EXEC_STARTED, "e");
        restart();
        merge.commandOver(end);
        merge.commandOver(end);
        restart();
        merge.commandOver(end);
        assertThat(store.events).hasSize(2);
        assertThat(store.told).isEmpty();
    }

    @Test
    void aCommandThatNobodyKnowsAnyMoreHasEnded() {
        command(RuntimeEvent.Type.EXEC_STARTED, "e");
        restart();
        listed("c");
        merge.commandsKnown(RuntimeKind.CONTAINERD, Set.of()::contains);
        merge.commandsKnown(RuntimeKind.CONTAINERD, Set.of()::contains);
        assertThat(store.events).hasSize(2);
        assertThat(store.told).isEmpty();
    }

    private RuntimeEvent ofCommand(RuntimeEvent.Type type, String exec) {
        var exit = type == RuntimeEvent.Type.EXEC_EXITED ? new ExitOutcome.Code(0) : null;
        return new RuntimeEvent(type, RuntimeKind.CONTAINERD, NOW, "c", exec, null, exit);
    }

    @Test
    void commandThatIsGoneBeforeItsEventsAreWrittenIsNotKnownAfterThem() {
        var disk = new CompletableFuture<Void>();
        store.written = disk;
        merge.event(ofCommand(RuntimeEvent.Type.EXEC_STARTED, "first"));
        merge.event(ofCommand(RuntimeEvent.Type.EXEC_EXITED, "first"));
        merge.commandGone(RuntimeKind.CONTAINERD, "c", "first");
        merge.event(ofCommand(RuntimeEvent.Type.EXEC_STARTED, "second"));
        merge.commandOver(ofCommand(RuntimeEvent.Type.EXEC_EXITED, "second"));
        store.written = CompletableFuture.completedFuture(null);
        disk.complete(null);
        assertThat(store.events).hasSize(4);
        assertThat(store.told).isEmpty();
    }

    @Test
    void commandIsNotKnownEitherWhereItsEventsHadToBeWrittenASecondTime() {
        var disk = new CompletableFuture<Void>();
        store.written = disk;
        merge.event(ofCommand(RuntimeEvent.Type.EXEC_STARTED, "first"));
        merge.event(ofCommand(RuntimeEvent.Type.EXEC_EXITED, "first"));
        merge.commandGone(RuntimeKind.CONTAINERD, "c", "first");
        disk.completeExceptionally(new IllegalStateException("the disk is full"));
        store.written = CompletableFuture.completedFuture(null);
        created();
        assertThat(store.told).containsOnlyKeys("c");
    }
}
