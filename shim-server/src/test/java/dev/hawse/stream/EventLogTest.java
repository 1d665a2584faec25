package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventLogTest {

    private static final long FIRST = 1_000;

    private final EventLog log = new EventLog(FIRST);

    /** Writes down the numbers it gets. */
    private static class Numbers implements EventReader.Sink {
        final List<Long> got = new ArrayList<>();
        boolean wants = true;

        @Nullable
        RuntimeFailure failure;

        @Override
        public boolean event(EventLog.Numbered event) {
            got.add(event.sequence());
            return wants;
        }

        @Override
        public void cutOff(RuntimeFailure why) {
            failure = why;
        }
    }

    @Test
    void eventsComeInOrderUnderGrowingNumbers() {
        var sink = new Numbers();
        log.read(null, sink).resume();
        append(3);
        assertThat(sink.got).containsExactly(FIRST, FIRST + 1, FIRST + 2);
        assertThat(log.next()).isEqualTo(FIRST + 3);
    }

    @Test
    void aNumberKeepsItsEvent() {
        var event = event("a");
        log.append(event("before"));
        log.append(event);
        var events = new ArrayList<RuntimeEvent>();
        log.read(FIRST + 1, new Numbers() {
                    @Override
                    public boolean event(EventLog.Numbered numbered) {
                        return events.add(numbered.event());
                    }
                })
                .resume();
        assertThat(events).containsExactly(event);
    }

    @Test
    void nothingComesBeforeTheFirstResumeNorAfterAFalse() {
        var sink = new Numbers();
        sink.wants = false;
        var reader = log.read(null, sink);
        append(2);
        assertThat(sink.got).isEmpty();
        reader.resume();
        assertThat(sink.got).containsExactly(FIRST);
        assertThat(reader.next()).isEqualTo(FIRST + 1);
        reader.resume();
        assertThat(sink.got).containsExactly(FIRST, FIRST + 1);
    }

    @Test
    void withoutANumberOnlyWhatComesFromNowOnIsRead() {
        append(2);
        var sink = new Numbers();
        var reader = log.read(null, sink);
        assertThat(reader.next()).isEqualTo(FIRST + 2);
        append(1);
        reader.resume();
        assertThat(sink.got).containsExactly(FIRST + 2);
    }

    @Test
    void everythingThatIsKeptCanBeReadAgain() {
        append(EventLog.KEPT + 5);
        var sink = new Numbers();
        log.read(FIRST + 5, sink).resume();
        assertThat(sink.got)
                .isEqualTo(LongStream.range(FIRST + 5, FIRST + 5 + EventLog.KEPT)
                        .boxed()
                        .toList());
    }

    @Test
    void numbersThatAreNotKeptOrNotPromisedAreRefused() {
        append(EventLog.KEPT + 5);
        for (var number : List.of(0L, FIRST + 4, FIRST + EventLog.KEPT + 6)) {
            assertThatThrownBy(() -> log.read(number, new Numbers()))
                    .isInstanceOfSatisfying(RuntimeFailure.class, failure -> {
                        assertThat(failure.reason()).isEqualTo(Reason.SEQUENCE_OUT_OF_RANGE);
                        assertThat(failure.metadata())
                                .containsEntry("oldest", Long.toString(FIRST + 5))
                                .containsEntry("newest", Long.toString(FIRST + EventLog.KEPT + 4));
                    });
        }
        log.read(FIRST + EventLog.KEPT + 5, new Numbers()).resume();
    }

    @Test
    void aReaderThatFallsTooFarBehindIsCutOffWithTheNumberToGoOnFrom() {
        var slow = new Numbers();
        slow.wants = false;
        var reader = log.read(null, slow);
        reader.resume();
        var quick = new Numbers();
        log.read(null, quick).resume();

        append(1 + EventLog.KEPT);
        reader.resume();
        assertThat(slow.got).containsExactly(FIRST, FIRST + 1);

        append(2);
        slow.wants = true;
        reader.resume();
        assertThat(slow.got).hasSize(2);
        assertThat(slow.failure).isInstanceOfSatisfying(RuntimeFailure.class, failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.READER_TOO_SLOW);
            assertThat(failure.metadata()).containsEntry("resume_from", Long.toString(FIRST + 3));
            assertThat(failure).hasMessageContaining("events " + (FIRST + 2) + " to " + (FIRST + 2));
        });
        append(1);
        reader.resume();
        assertThat(slow.got).hasSize(2);
        assertThat(quick.got).hasSize(EventLog.KEPT + 4);
    }

    @Test
    void aResumeInsideTheCallbackOutlivesItsFalse() {
        var sink = new Numbers() {
            EventReader reader = log.read(null, this);

            @Override
            public boolean event(EventLog.Numbered event) {
                super.event(event);
                reader.resume();
                return false;
            }
        };
        sink.reader.resume();
        append(3);
        assertThat(sink.got).hasSize(3);
    }

    @Test
    void aSinkThatClosesItsReaderHearsNothingMore() {
        var sink = new Numbers() {
            EventReader reader = log.read(null, this);

            @Override
            public boolean event(EventLog.Numbered event) {
                reader.close();
                return super.event(event);
            }
        };
        append(2);
        sink.reader.resume();
        append(1);
        assertThat(sink.got).containsExactly(FIRST);
    }

    @Test
    void aSinkThatThrowsHurtsNobodyElse() {
        var calls = new AtomicInteger();
        log.read(null, new Numbers() {
                    @Override
                    public boolean event(EventLog.Numbered event) {
                        calls.incrementAndGet();
                        throw new IllegalStateException("as a test wants it");
                    }
                })
                .resume();
        var other = new Numbers();
        log.read(null, other).resume();
        append(2);
        assertThat(calls).hasValue(1);
        assertThat(other.got).containsExactly(FIRST, FIRST + 1);
    }

    @Test
    void manyWritersAndReadersSeeOneOrder() throws Exception {
        int writers = 4;
        int each = EventLog.KEPT / writers;
        var full = new CountDownLatch(3);
        var sinks = new ArrayList<Numbers>();
        for (int i = 0; i < 3; i++) {
            var sink = new Numbers() {
                @Override
                public boolean event(EventLog.Numbered event) {
                    super.event(event);
                    if (got.size() == writers * each) {
                        full.countDown();
                    }
                    return true;
                }
            };
            sinks.add(sink);
            log.read(null, sink).resume();
        }
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < writers; i++) {
            threads.add(Thread.ofPlatform().start(() -> append(each)));
        }
        for (var thread : threads) {
            thread.join();
        }
        var late = new Numbers();
        log.read(log.next() - 1, late).resume();
        assertThat(late.got).hasSize(1);
        full.await();
        assertThat(sinks)
                .allSatisfy(sink -> assertThat(sink.got)
                        .isEqualTo(LongStream.range(FIRST, log.next()).boxed().toList()));
    }

    /** A store on a disk that takes nothing in and does not fail either. */
    private static final class Stuck implements EventStore {
        @Override
        public long first() {
            return FIRST;
        }

        @Override
        public long oldest() {
            return FIRST;
        }

        @Override
        public boolean isFresh() {
            return true;
        }

        @Override
        public List<Told> told() {
            return List.of();
        }

        @Override
        public CompletableFuture<Void> write(List<Entry> entries, @Nullable Long completeFrom) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> note(Told told) {
            return new CompletableFuture<>();
        }

        @Override
        public List<EventLog.Numbered> read(long from, int most) {
            return List.of();
        }
    }

    @Test
    void aReaderThatKeepsUpMissesNothingAlthoughTheStoreIsStuck() {
        var stuck = new EventLog(new Stuck(), Runnable::run);
        var sink = new Numbers();
        stuck.read(null, sink).resume();
        var count = 3 * EventLog.KEPT;
        for (int i = 0; i < count; i++) {
            stuck.append(event("e"));
        }
        assertThat(sink.failure).isNull();
        assertThat(sink.got)
                .isEqualTo(
                        LongStream.range(FIRST, FIRST + sink.got.size()).boxed().toList())
                .hasSizeGreaterThan(count - EventLog.KEPT);
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            log.append(event("container"));
        }
    }

    private static RuntimeEvent event(String container) {
        return new RuntimeEvent(
                RuntimeEvent.Type.CONTAINER_STARTED,
                RuntimeKind.CONTAINERD,
                Instant.EPOCH,
                container,
                null,
                null,
                null);
    }
}
